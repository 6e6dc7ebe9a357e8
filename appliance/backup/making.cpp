#include "backup/making.h"

#include "backup/file.h"
#include "backup/stream.h"
#include "core/log.h"
#include "store/copy_format.h"
#include "store/load.h"
#include "store/store.h"

#include <sys/file.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <format>

namespace postern::backup {

namespace fs = std::filesystem;

namespace {

// A directory in which a backup is opened; gone again afterwards. What an interrupted run left is gone before.
class Aside {
public:
    explicit Aside(fs::path const& in) : path_(in / "backup.proof"), parent_(in, O_RDONLY | O_DIRECTORY) {
        if (parent_.handle() < 0) return;
        std::error_code error;
        fs::create_directory(path_, error);
        lock_.emplace(path_, O_RDONLY | O_DIRECTORY);
        if (lock_->handle() < 0 || ::flock(lock_->handle(), LOCK_EX | LOCK_NB) != 0) return;
        fs::remove_all(inside(), error);
        usable_ = !error && fs::create_directory(inside(), error);
    }
    Aside(Aside const&) = delete;
    Aside& operator=(Aside const&) = delete;
    ~Aside() {
        std::error_code ignored;
        if (usable_) fs::remove_all(path_, ignored);
    }
    [[nodiscard]] bool has_room(std::uint64_t content) const {
        std::error_code error;
        auto const space = fs::space(path_, error);
        return usable_ && !error && space.available / 2 > content + spare;
    }
    // The store locks the directory that it is in, as this its own.
    [[nodiscard]] fs::path inside() const { return path_ / "opened"; }

private:
    static constexpr std::uint64_t spare = std::uint64_t{64} << 20;

    fs::path path_;
    store::File parent_;
    std::optional<store::File> lock_;
    bool usable_ = false;
};

std::uint64_t map_for(std::uint64_t content) {
    constexpr std::uint64_t least = std::uint64_t{1} << 30;
    return std::max(least, 4 * content) / 65536 * 65536;
}

std::string wrong_with(fs::path const& file, std::string_view what) {
    return std::format("{}: {}", file.native(), what);
}

std::expected<void, std::string> read_into(Reader& reader, store::CopyReader& copy, fs::path const& file) {
    for (;;) {
        auto const octets = reader.next();
        if (!octets) return std::unexpected(wrong_with(file, octets.error()));
        if (octets->empty()) break;
        if (auto const taken = copy.take(*octets); !taken) return std::unexpected(wrong_with(file, taken.error()));
    }
    if (!copy.ended()) return std::unexpected(wrong_with(file, "what is in it is cut short"));
    return {};
}

} // namespace

std::string name_of(std::string_view domain, core::WallTime of) {
    return std::format("{}-{:%Y%m%dT%H%M%S}Z.postern", domain, std::chrono::floor<std::chrono::seconds>(of));
}

std::expected<Proof, std::string> prove(fs::path const& file, Credentials const& credentials, fs::path const& aside,
                                        std::uint64_t content) try {
    auto opened = ReadFile::open(file);
    if (!opened) return std::unexpected(std::move(opened.error()));
    auto reader = Reader::begin([&](std::size_t most) { return opened->read(most); }, credentials);
    if (!reader) return std::unexpected(wrong_with(file, reader.error()));
    Aside const place(aside);
    std::optional<store::Load> load;
    if (place.has_room(content)) load.emplace(place.inside(), map_for(content));
    using Verdict = store::CopyReader::Verdict;
    store::CopyReader copy(
        {.head = [](store::CopyHead const&) { return Verdict(); },
         .file = [](store::CopiedFile const&) { return Verdict(); },
         .row = [&](std::string_view table, std::string_view key,
                    std::string_view value) { return load ? load->put_row(table, key, value) : Verdict(); }});
    if (auto const read = read_into(*reader, copy, file); !read) return std::unexpected(read.error());
    Proof proof{.rows = copy.rows(), .files = copy.files(), .check = std::nullopt};
    if (!load) return proof;
    load->finish();
    load.reset();
    auto const store = store::Store::open(place.inside(), {.map_size = map_for(content), .read_only = true});
    if (!store) return std::unexpected(wrong_with(file, store.error().reason));
    auto report = store::check(**store, true);
    if (!report) return std::unexpected(wrong_with(file, store::describe(report.error())));
    proof.check = std::move(*report);
    return proof;
} catch (std::exception const& fault) {
    return std::unexpected(wrong_with(file, fault.what()));
}

std::expected<Made, std::string> make(fs::path const& to, Content const& content, Credentials const& credentials,
                                      core::Random& random, fs::path const& aside) {
    // The first piece says what it is, by which the file is called.
    auto piece = content();
    if (!piece) return std::unexpected(std::move(piece.error()));
    std::optional<store::CopyHead> head;
    using Verdict = store::CopyReader::Verdict;
    store::CopyReader copy({.head = [&](store::CopyHead const& is) { return head = is, Verdict(); },
                            .file = [](store::CopiedFile const&) { return Verdict(); },
                            .row = [](std::string_view, std::string_view, std::string_view) { return Verdict(); }});
    if (auto const taken = copy.take(*piece); !taken || !head)
        return std::unexpected("the store's copy cannot be read; are daemon and `postern` of one version?");
    Made made{.file = to, .domain = head->domain, .of = core::WallTime(std::chrono::seconds(head->made)), .proof = {}};
    std::error_code error;
    if (fs::is_directory(to, error)) made.file = to / name_of(head->domain, made.of);
    auto file = NewFile::make(made.file);
    if (!file) return std::unexpected(std::move(file.error()));

    Header header{.schema = head->schema, .made = head->made, .salt = random.bytes(salt_size), .domain = head->domain};
    if (!credentials.passphrase.empty()) {
        header.protection = Protection::passphrase;
        header.iterations = iterations_of_new;
    } else if (!credentials.key.empty()) {
        header.protection = Protection::key;
    }
    auto writer = Writer::begin(header, credentials, [&](std::string_view octets) { return file->write(octets); });
    if (!writer) return std::unexpected(std::move(writer.error()));
    for (bool first = true;; first = false) {
        if (!first) {
            piece = content();
            if (!piece) return std::unexpected(std::move(piece.error()));
            if (piece->empty()) break;
            if (auto const taken = copy.take(*piece); !taken)
                return std::unexpected(std::format("the store's copy is damaged: {}", taken.error()));
        }
        made.content += piece->size();
        if (auto const written = writer->write(*piece); !written) return std::unexpected(written.error());
    }
    if (!copy.ended()) return std::unexpected("the store's copy is cut short: the daemon went away, or could not read");
    if (auto const written = writer->finish(); !written) return std::unexpected(written.error());
    if (auto const synced = file->sync(); !synced) return std::unexpected(synced.error());
    made.octets = file->size();
    auto proof = prove(file->draft(), credentials, aside, made.content);
    if (!proof) return std::unexpected(std::format("what was written cannot be used: {}", proof.error()));
    made.proof = std::move(*proof);
    if (auto const kept = file->keep(); !kept) return std::unexpected(kept.error());
    return made;
}

} // namespace postern::backup
