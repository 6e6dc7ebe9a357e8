#include "backup/restoring.h"

#include "backup/file.h"
#include "backup/stream.h"
#include "store/check.h"
#include "store/copy_format.h"
#include "store/load.h"
#include "store/schema.h"
#include "store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <format>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

namespace postern::backup {

namespace fs = std::filesystem;

namespace {

// In the data directory: what is being built; what is whole, and to be put in place.
constexpr std::string_view unfinished_name = "restore.unfinished", whole_name = "restore.whole";

[[noreturn]] void fail(fs::path const& path) { throw std::system_error(errno, std::generic_category(), path); }

void sync(fs::path const& path) {
    store::File const file = store::open_or_throw(path, O_RDONLY);
    if (::fsync(file.handle()) != 0) fail(path);
}

void move(fs::path const& from, fs::path const& to) {
    fs::rename(from, to);
    sync(from.parent_path());
    sync(to.parent_path());
}

void write_file(fs::path const& root, store::CopiedFile const& file) {
    fs::path const path = root / file.name;
    fs::create_directories(path.parent_path());
    store::File const made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (made.handle() < 0) fail(path);
    for (std::string_view octets = file.content; !octets.empty();) {
        auto const written = ::write(made.handle(), octets.data(), octets.size());
        if (written < 0) fail(path);
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fchmod(made.handle(), file.mode & 0755) != 0) fail(path);
}

// All below belongs to whom the data directory belongs, the daemon as a rule, and is on flash.
void settle(fs::path const& root, struct stat const& owner) {
    auto const one = [&](fs::path const& path) {
        if (::geteuid() == 0 && ::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) fail(path);
        sync(path);
    };
    for (auto const& entry : fs::recursive_directory_iterator(root)) {
        if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
        one(entry.path());
    }
    one(root);
}

// Address space alone; the disk is what fills up.
std::uint64_t map_for(fs::path const& directory) {
    constexpr std::uint64_t least = std::uint64_t{64} << 20, most = std::uint64_t{256} << 30;
    return std::clamp<std::uint64_t>(fs::space(directory).capacity, least, most) / 65536 * 65536;
}

fs::path free_name(fs::path const& data) {
    fs::path path = data / "replaced";
    for (int i = 2; fs::exists(path); ++i) path = data / std::format("replaced.{}", i);
    return path;
}

fs::path put_in_place(fs::path const& data) {
    fs::path const whole = data / whole_name;
    if (!fs::exists(whole)) return {};
    fs::path const made = whole / "new", old = whole / "old";
    std::vector<fs::path> names;
    if (fs::exists(made))
        for (auto const& entry : fs::directory_iterator(made)) names.push_back(entry.path().filename());
    for (fs::path const& name : names) {
        // What is there is the old one as long as the new one is not.
        if (fs::exists(data / name)) move(data / name, old / name);
        move(made / name, data / name);
    }
    fs::remove(made);
    if (!fs::exists(old) || fs::is_empty(old)) {
        fs::remove_all(whole);
        sync(data);
        return {};
    }
    auto const replaced = free_name(data);
    move(whole, replaced);
    return replaced / "old";
}

class Restore {
public:
    Restore(fs::path data, fs::path file) : data_(std::move(data)), file_(std::move(file)) {}

    std::expected<Restored, std::string> run(Credentials const& credentials, RestoreWishes wishes, core::WallTime now) {
        fs::create_directories(data_);
        store::File const lock = store::open_or_throw(data_, O_RDONLY | O_DIRECTORY);
        if (::flock(lock.handle(), LOCK_EX | LOCK_NB) != 0)
            return std::unexpected(std::format("another process has {} open: stop posternd first", data_.native()));
        put_in_place(data_);
        if (fs::exists(data_ / "store") && !wishes.replace)
            return std::unexpected(
                std::format("there is a store in {} already; --replace puts what is in the backup in "
                            "its place, and keeps it beside",
                            data_.native()));
        struct stat owner{};
        if (::fstat(lock.handle(), &owner) != 0) fail(data_);
        fs::path const unfinished = data_ / unfinished_name, made = unfinished / "new";
        fs::remove_all(unfinished);
        fs::create_directory(unfinished);
        fs::permissions(unfinished, fs::perms::owner_all);
        fs::create_directory(made);
        fs::create_directory(unfinished / "old");
        auto restored = build(made, credentials, wishes, now);
        if (!restored) {
            fs::remove_all(unfinished);
            return restored;
        }
        settle(unfinished, owner);
        move(unfinished, data_ / whole_name);
        restored->replaced = put_in_place(data_);
        return restored;
    }

private:
    [[nodiscard]] std::unexpected<std::string> refused(std::string_view why) const {
        return std::unexpected(std::format("{} is not restored: {}", file_.native(), why));
    }

    std::expected<Restored, std::string> build(fs::path const& made, Credentials const& credentials,
                                               RestoreWishes wishes, core::WallTime now) {
        auto opened = ReadFile::open(file_);
        if (!opened) return std::unexpected(std::move(opened.error()));
        auto reader = Reader::begin([&](std::size_t most) { return opened->read(most); }, credentials);
        if (!reader) return refused(reader.error());
        if (reader->header().schema > store::schema_version)
            return refused(std::format("it was made by a newer Postern (schema {} of the store, this one knows {}): "
                                       "install that version first",
                                       reader->header().schema, store::schema_version));
        Restored restored;
        using Verdict = store::CopyReader::Verdict;
        std::optional<store::Load> load(std::in_place, made, map_for(made));
        store::CopyReader copy({.head =
                                    [&](store::CopyHead const& head) {
                                        restored.domain = head.domain;
                                        restored.of = core::WallTime(std::chrono::seconds(head.made));
                                        return Verdict();
                                    },
                                .file = [&](store::CopiedFile const& file) -> Verdict {
                                    if (!file.name.starts_with("tls/"))
                                        return std::unexpected(std::format("it has a file {}", file.name));
                                    write_file(made, file);
                                    return {};
                                },
                                .row = [&](std::string_view table, std::string_view key,
                                           std::string_view value) { return load->put_row(table, key, value); }});
        for (;;) {
            auto const octets = reader->next();
            if (!octets) return refused(octets.error());
            if (octets->empty()) break;
            if (auto const taken = copy.take(*octets); !taken) return refused(taken.error());
        }
        if (!copy.ended()) return refused("what is in it is cut short");
        restored.held = load->finish({.now = now, .hold_queue = !wishes.send_queue});
        load.reset();
        auto const store = store::Store::open(made, {.map_size = map_for(made), .read_only = true});
        if (!store) return refused(store.error().reason);
        auto const report = store::check(**store, true);
        if (!report) return refused(store::describe(report.error()));
        if (!report->problems.empty() && !wishes.damaged)
            return refused(
                std::format("the store in it was not whole when it was made: {}; --damaged restores it as it "
                            "was, for `postern check --repair`",
                            report->problems.front().what));
        for (store::Problem const& problem : report->problems) restored.problems.push_back(problem.what);
        restored.accounts = report->accounts;
        restored.mailboxes = report->mailboxes;
        restored.messages = report->messages;
        restored.queue_items = report->queue_items;
        return restored;
    }

    fs::path data_, file_;
};

} // namespace

std::expected<Restored, std::string> restore(fs::path const& data, fs::path const& file, Credentials const& credentials,
                                             RestoreWishes wishes, core::WallTime now) try {
    return Restore(fs::absolute(data), fs::absolute(file)).run(credentials, wishes, now);
} catch (std::exception const& fault) {
    std::error_code ignored;
    fs::remove_all(data / unfinished_name, ignored);
    return std::unexpected(std::format("{} is not restored: {}", file.native(), fault.what()));
}

std::expected<fs::path, std::string> finish_restore(fs::path const& data) try {
    if (!fs::exists(data / whole_name) && !fs::exists(data / unfinished_name)) return fs::path();
    store::File const lock = store::open_or_throw(data, O_RDONLY | O_DIRECTORY);
    if (::flock(lock.handle(), LOCK_EX | LOCK_NB) != 0)
        return std::unexpected(std::format("another process has {} open", data.native()));
    fs::remove_all(data / unfinished_name);
    return put_in_place(data);
} catch (std::exception const& fault) {
    return std::unexpected(std::format("a restore in {} cannot be ended: {}", data.native(), fault.what()));
}

} // namespace postern::backup
