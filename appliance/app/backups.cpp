#include "app/backups.h"

#include "app/terminal.h"
#include "backup/file.h"
#include "backup/making.h"
#include "backup/office_copy.h"
#include "backup/restoring.h"
#include "control/actions.h"
#include "control/backup_status.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "core/read_start.h"
#include "core/settings.h"
#include "store/store.h"

#include <boost/json/serialize.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <format>
#include <memory>
#include <optional>
#include <vector>

namespace postern::app {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using backup::Credentials;
using control::Answer;
using control::refused;
using Why = std::unexpected<std::string>;

bool flag(control::CommandLine const& line, std::string_view name) { return line.arguments.contains(name); }

std::expected<core::Secret, std::string> read_key_file(fs::path const& path) {
    auto text = core::read_start(path, 256);
    if (!text) return Why(std::format("cannot read the key in {}: {}", path.native(), text.error().message()));
    auto key = backup::read_key(*text);
    core::wipe(*text);
    if (!key) return Why(std::format("{}: {}", path.native(), key.error()));
    return key;
}

// `twice`: of what is to be made, a slip of the finger would make it useless.
std::expected<core::Secret, std::string> ask_passphrase(bool twice) {
    if (!has_terminal())
        return Why("there is no terminal: give the passphrase on standard input, with --passphrase-stdin");
    auto given = ask_secret("Passphrase: ");
    if (!given || given->empty()) return Why("no passphrase was given");
    if (twice && ask_secret("The same again: ") != given) return Why("the two are not the same");
    return std::move(*given);
}

std::expected<Credentials, std::string> credentials_of(control::CommandLine const& line, bool twice) {
    Credentials given;
    auto const key = line.given("key");
    bool const asks = flag(line, "passphrase"), reads = flag(line, "passphrase-stdin");
    if (int{key.has_value()} + int{asks} + int{reads} > 1) return Why("a key or a passphrase, not both");
    std::expected<core::Secret, std::string> secret;
    if (key) secret = read_key_file(*key);
    if (asks) secret = ask_passphrase(twice);
    if (reads) {
        auto read = read_secret_line();
        if (!read || read->empty()) return Why("standard input holds no passphrase");
        secret = std::move(*read);
    }
    if (!secret) return Why(std::move(secret.error()));
    (key ? given.key : given.passphrase) = std::move(*secret);
    return given;
}

// What the daemon sends, as it sends it.
backup::Content content_of(control::Client& daemon) {
    daemon.begin(*control::find_inner_command("backup.content"), {});
    return [&daemon]() -> std::expected<std::string, std::string> {
        auto octets = daemon.next_octets();
        if (octets) return std::move(*octets);
        if (!daemon.reply()) return Why(daemon.reply().error().reason);
        return "";
    };
}

// What is in a store that no daemon has open.
std::expected<backup::Content, std::string> content_of(fs::path const& data) {
    if (auto const ended = backup::finish_restore(data); !ended) return Why(ended.error());
    auto opened = store::Store::open(data, {.read_only = true});
    if (!opened) return Why(std::move(opened.error().reason));
    std::shared_ptr<store::Store> const store(std::move(*opened));
    auto const copy = backup::begin_copy(*store, data, core::SystemClock().wall());
    if (!copy) return Why(copy.error());
    return [store, copy = *copy] { return backup::next_piece(*copy); };
}

json::object report_of(backup::Made const& made, Credentials const& credentials, std::chrono::seconds took) {
    json::object report{{"file", made.file.native()},
                        {"made", control::written(made.of)},
                        {"octets", made.octets},
                        {"protected_by", !credentials.key.empty()          ? "a key"
                                         : !credentials.passphrase.empty() ? "a passphrase"
                                                                           : "nothing but checksums"},
                        {"rows", made.proof.rows},
                        {"files", made.proof.files},
                        {"seconds", took.count()}};
    if (auto const& check = made.proof.check) {
        report["accounts"] = check->accounts;
        report["mailboxes"] = check->mailboxes;
        report["messages"] = check->messages;
        report["queue"] = check->queue_items;
        report["problems"] = check->problems.size();
    }
    report["proof"] =
        made.proof.check ? "read back, opened and checked" : "read back; there was no room to open and check it";
    return report;
}

// As json::value, for `postern status`; where there is no daemon its file is written.
void note(control::Client* daemon, fs::path const& data, json::object const& rows) {
    if (daemon == nullptr) {
        (void)control::note_backup(data, rows); // whoever only reads the store may not write there
        return;
    }
    (void)daemon->ask(*control::find_inner_command("backup.report"), {{"report", json::serialize(rows)}});
}

Answer make(fs::path const& to, Credentials const& credentials, control::Client* daemon, fs::path const& data) {
    auto const began = std::chrono::steady_clock::now();
    std::expected<backup::Content, std::string> content;
    if (daemon != nullptr)
        content = content_of(*daemon);
    else
        content = content_of(data);
    if (!content) return refused(std::move(content.error()));
    core::SystemRandom random;
    auto const made = backup::make(to, *content, credentials, random, data);
    if (!made) return refused(made.error());
    auto const took = std::chrono::steady_clock::now() - began;
    auto report = report_of(*made, credentials, std::chrono::duration_cast<std::chrono::seconds>(took));
    auto kept = report;
    kept["trouble"] = "";
    kept["failed"] = kept["overdue"] = false;
    note(daemon, data, kept);
    if (made->proof.check && !made->proof.check->problems.empty())
        return std::unexpected(control::Refusal{
            std::format(
                "{} is made, and is as the store is, which is not whole: {} (and whatever `postern check` says)",
                made->file.native(), made->proof.check->problems.front().what),
            std::move(report)});
    return report;
}

// Backups that come by themselves.
class Scheduled {
public:
    Scheduled(control::Client& daemon, fs::path data) : daemon_(daemon), data_(std::move(data)) {}

    Answer run() {
        core::set_log_level(core::Level::notice); // whoever reads the timer's log wants to know
        fs::path const directory = setting("backup.directory");
        if (directory.empty()) return nullptr;
        auto const status = daemon_.ask(*control::find_command("status"), {});
        if (!status) return status;
        last_ = status->at("last_backup").as_object();
        domain_ = status->at("domain").as_string();
        auto const interval = core::parse_seconds(setting("backup.interval")).value_or(std::chrono::days(1));
        auto const last = time_of("made");
        // A timer is not as exact as that.
        if (last && now_ - *last < interval - interval / 12) return nullptr;
        auto answer = try_it(directory);
        if (!last_.contains("first_try")) note(&daemon_, data_, {{"first_try", control::written(now_)}});
        auto const since = last ? last : time_of("first_try");
        if (!made_ && since && now_ - *since > 3 * interval) {
            note(&daemon_, data_, {{"overdue", true}});
            core::log(core::Event::backup_overdue,
                      {{"last", last ? control::written(*last) : "never"}, {"directory", directory.native()}});
        }
        return answer;
    }

private:
    std::string setting(std::string_view name) {
        auto const value = daemon_.ask(*control::find_command("settings.get"), {{"name", name}});
        return value && value->is_string() ? std::string(value->get_string()) : "";
    }

    std::optional<core::WallTime> time_of(std::string_view row) const {
        json::value const* const written = last_.if_contains(row);
        return written != nullptr && written->is_string() ? control::read_written(written->get_string()) : std::nullopt;
    }

    Answer trouble(Answer answer, std::string const& what, bool failed = false) {
        note(&daemon_, data_, {{"trouble", what}, {"tried", control::written(now_)}, {"failed", failed}});
        return answer;
    }

    // No stick is none of an administrator's errors; whatever else is wrong is.
    Answer try_it(fs::path const& directory) {
        struct stat here{}, there{};
        if (::stat(directory.c_str(), &there) != 0 || !S_ISDIR(there.st_mode))
            return trouble(nullptr, std::format("no medium is in: there is no directory {}", directory.native()));
        if (::stat(data_.c_str(), &here) == 0 && here.st_dev == there.st_dev)
            return trouble(nullptr, std::format("no medium is in: {} is on the box's own", directory.native()));
        Credentials credentials;
        if (auto const path = setting("backup.key"); !path.empty()) {
            auto key = read_key_file(path);
            if (!key) return failed(refused(key.error()), key.error());
            credentials.key = std::move(*key);
        }
        remove(directory, ".postern.unfinished", 0);
        auto answer = make(directory, credentials, &daemon_, data_);
        if (!answer && answer.error().result.is_null()) {
            auto const reason = answer.error().reason;
            return failed(std::move(answer), reason);
        }
        made_ = true;
        core::log(core::Event::backup_made, {{"directory", directory.native()}});
        auto const keep = core::parse_count(setting("backup.keep")).value_or(1);
        remove(directory, ".postern", keep);
        return answer;
    }

    Answer failed(Answer answer, std::string const& reason) {
        core::log(core::Event::backup_failed, {{"reason", reason}});
        return trouble(std::move(answer), reason, true);
    }

    // Of this office, all but the newest.
    void remove(fs::path const& directory, std::string_view ending, std::size_t but) const {
        std::vector<fs::path> files;
        std::error_code error;
        for (auto const& entry : fs::directory_iterator(directory, error)) {
            auto const name = entry.path().filename().native();
            if (name.starts_with(domain_ + "-") && name.ends_with(ending)) files.push_back(entry.path());
        }
        std::ranges::sort(files, std::greater()); // by time, which they are called by
        for (std::size_t i = but; i < files.size(); ++i) fs::remove(files[i], error);
    }

    control::Client& daemon_;
    fs::path data_;
    core::WallTime const now_ = core::SystemClock().wall();
    json::object last_;
    std::string domain_;
    bool made_ = false;
};

} // namespace

Answer backup(control::CommandLine const& line, control::Client* daemon, fs::path const& data) {
    if (flag(line, "scheduled")) return Scheduled(*daemon, data).run();
    auto const& to = line.arguments.at("to").as_array();
    if (to.size() != 1) return refused("a backup goes to one file or directory");
    auto const credentials = credentials_of(line, true);
    if (!credentials) return refused(credentials.error());
    return make(std::string(to.front().as_string()), *credentials, daemon, data);
}

Answer make_backup_key(control::CommandLine const& line) {
    core::SystemRandom random;
    std::string text = backup::write_key(core::Secret(random.bytes(32)));
    auto file = backup::NewFile::make(*line.given("to"));
    if (!file) return refused(file.error());
    auto kept = file->write(text).and_then([&] { return file->sync(); }).and_then([&] { return file->keep(); });
    core::wipe(text);
    if (!kept) return refused(kept.error());
    return nullptr;
}

Answer restore(control::CommandLine const& line, control::Client* daemon, fs::path const& data) {
    if (daemon != nullptr) return refused("a store that is in use cannot be replaced: stop posternd first");
    auto const credentials = credentials_of(line, false);
    if (!credentials) return refused(credentials.error());
    auto const restored = backup::restore(
        data, *line.given("from"), *credentials,
        {.replace = flag(line, "replace"), .send_queue = flag(line, "send-queue"), .damaged = flag(line, "damaged")},
        core::SystemClock().wall());
    if (!restored) return refused(restored.error());
    json::object report{{"domain", restored->domain},     {"made", control::written(restored->of)},
                        {"accounts", restored->accounts}, {"mailboxes", restored->mailboxes},
                        {"messages", restored->messages}, {"queue", restored->queue_items},
                        {"queue_held", restored->held}};
    if (!restored->problems.empty())
        report["problems"] = json::array(restored->problems.begin(), restored->problems.end());
    if (!restored->replaced.empty()) report["replaced"] = restored->replaced.native();
    return report;
}

} // namespace postern::app
