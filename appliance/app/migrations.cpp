#include "app/migrations.h"

#include "migration/maildir.h"
#include "migration/mbox.h"
#include "migration/store_letters.h"
#include "store/store.h"
#include "text/utf7.h"

#include <algorithm>
#include <format>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace postern::app {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using control::Answer;
using control::refused;
using migration::AccountMailboxes;
using migration::Letter;
using migration::LetterHead;
using migration::LetterReader;
using migration::TakeLetter;
using Why = std::unexpected<std::string>;

constexpr std::size_t piece_octets = 512 * 1024; // less than a request's limit

// Whence an account's mail comes: a daemon, or a store that none has open.
class Origin {
public:
    static std::expected<Origin, std::string> open(control::Client* daemon, fs::path const& data, std::string login) {
        Origin origin(daemon, std::move(login));
        if (daemon != nullptr) return origin;
        auto opened = store::Store::open(data, {.read_only = true});
        if (!opened) return Why(std::move(opened.error().reason));
        origin.store_ = std::move(*opened);
        return origin;
    }

    std::expected<AccountMailboxes, std::string> mailboxes() {
        if (store_) {
            auto found = migration::list_mailboxes(*store_, login_);
            if (!found) return Why(std::format("{}: {}", login_, describe(found.error())));
            return std::move(*found);
        }
        auto const answer = daemon_->ask(*control::find_inner_command("export.mailboxes"), {{"account", login_}});
        if (!answer) return Why(answer.error().reason);
        AccountMailboxes found;
        for (auto const& name : answer->at("mailboxes").as_array()) found.names.emplace_back(name.as_string());
        for (auto const& name : answer->at("subscriptions").as_array())
            found.subscriptions.emplace_back(name.as_string());
        return found;
    }

    std::expected<void, std::string> letters(std::string const& mailbox, TakeLetter const& take) {
        LetterReader reader;
        Letter letter;
        bool begun = false;
        auto const take_piece = [&](std::string_view octets) -> std::expected<void, std::string> {
            reader.feed(octets);
            for (;;) {
                auto event = reader.next();
                if (std::holds_alternative<LetterReader::NeedMore>(event)) return {};
                if (auto* head = std::get_if<LetterHead>(&event)) {
                    letter = {std::move(*head), ""};
                    begun = true;
                } else if (auto const* text = std::get_if<std::string>(&event); text != nullptr && begun) {
                    letter.text += *text;
                } else {
                    return Why("the daemon's letters cannot be read; are both of one version?");
                }
                if (letter.text.size() < letter.head.size) continue;
                begun = false;
                if (auto const taken = take(std::exchange(letter, {})); !taken) return taken;
            }
        };
        if (store_) {
            auto letters = migration::StoreLetters::begin(*store_, login_, mailbox);
            if (!letters) return Why(std::format("{}: {}", mailbox, describe(letters.error())));
            for (;;) {
                auto const piece = letters->next();
                if (!piece) return Why(std::format("{}: {}", mailbox, describe(piece.error())));
                if (piece->empty()) return {};
                if (auto const taken = take_piece(*piece); !taken) return taken;
            }
        }
        daemon_->begin(*control::find_inner_command("export.letters"), {{"account", login_}, {"mailbox", mailbox}});
        while (auto const piece = daemon_->next_octets())
            if (auto const taken = take_piece(*piece); !taken) return taken;
        if (!daemon_->reply()) return Why(daemon_->reply().error().reason);
        return {};
    }

private:
    Origin(control::Client* daemon, std::string login) : daemon_(daemon), login_(std::move(login)) {}

    control::Client* daemon_;
    std::string login_;
    std::unique_ptr<store::Store> store_;
};

// Counts what is written, for the answer.
struct Written {
    std::uint64_t letters = 0, mailboxes = 0, keywords_lost = 0;
    json::object renamed;
};

std::expected<Written, std::string> write_maildir(Origin& origin, fs::path const& to, AccountMailboxes const& of,
                                                  bool subscriptions) {
    auto writer = migration::MaildirWriter::make(to);
    if (!writer) return Why(std::move(writer.error()));
    Written written;
    // The root is a mailbox whether there is mail in it or not.
    if (!std::ranges::contains(of.names, "INBOX"))
        if (auto const begun = writer->begin("INBOX"); !begun) return Why(begun.error());
    for (std::string const& name : of.names) {
        auto const called = writer->begin(name);
        if (!called) return Why(called.error());
        if (name.contains('.')) written.renamed[name] = *called;
        auto const done = origin.letters(name, [&](Letter const& letter) {
            ++written.letters;
            return writer->put(letter);
        });
        if (!done) return Why(done.error());
        if (auto const ended = writer->end(); !ended) return Why(ended.error());
        ++written.mailboxes;
    }
    written.keywords_lost = writer->keywords_lost();
    if (!subscriptions) return written;
    return writer->subscribe(of.subscriptions).transform([&] { return std::move(written); });
}

std::expected<void, std::string> write_mbox(Origin& origin, fs::path const& file, std::string const& name,
                                            Written& written) {
    auto writer = migration::MboxWriter::make(file);
    if (!writer) return Why(std::move(writer.error()));
    auto const done = origin.letters(name, [&](Letter const& letter) {
        ++written.letters;
        return writer->put(letter);
    });
    if (!done) return done;
    ++written.mailboxes;
    return writer->end();
}

std::expected<Written, std::string> write_mboxes(Origin& origin, fs::path const& to, AccountMailboxes const& of,
                                                 bool one) {
    Written written;
    std::error_code error;
    if (one && !fs::is_directory(to, error))
        return write_mbox(origin, to, of.names.front(), written).transform([&] { return std::move(written); });
    fs::create_directories(to, error);
    if (error) return Why(std::format("cannot make {}: {}", to.native(), error.message()));
    for (std::string const& name : of.names) {
        auto const called = migration::maildir_name(name) + ".mbox";
        if (name.contains('.')) written.renamed[name] = called;
        if (auto const done = write_mbox(origin, to / called, name, written); !done) return Why(done.error());
    }
    return written;
}

// One mailbox of other software.
struct Foreign {
    std::string name; // as it is to be called here
    std::function<std::expected<void, std::string>(TakeLetter const&)> read;
};

std::expected<std::vector<Foreign>, std::string> look_at(fs::path const& from) {
    std::error_code error;
    std::vector<Foreign> found;
    if (migration::is_maildir(from)) {
        for (std::string const& name : migration::list_maildir(from))
            found.push_back(
                {name, [from, name](TakeLetter const& take) { return migration::read_maildir(from, name, take); }});
    } else if (fs::is_regular_file(from, error)) {
        found.push_back({"INBOX", [from](TakeLetter const& take) { return migration::read_mbox(from, take); }});
    } else if (fs::is_directory(from, error)) {
        for (auto const& entry : fs::recursive_directory_iterator(from, error)) {
            auto const file = entry.path().lexically_relative(from);
            if (!entry.is_regular_file(error) || file.filename().native().starts_with('.')) continue;
            if (fs::is_empty(entry.path(), error) && file.extension() != ".mbox") continue;
            // As we name them, with a dot between levels; as others do, in directories.
            std::string name =
                file.extension() == ".mbox" ? fs::path(file).replace_extension().native() : file.native();
            if (file.extension() == ".mbox") std::ranges::replace(name, '.', '/');
            std::string decoded;
            for (std::size_t at = 0; at <= name.size();) {
                auto const end = std::min(name.find('/', at), name.size());
                auto const level = name.substr(at, end - at);
                decoded += (at > 0 ? "/" : "") + text::utf7_decode(level).value_or(level);
                at = end + 1;
            }
            found.push_back(
                {decoded, [path = entry.path()](TakeLetter const& take) { return migration::read_mbox(path, take); }});
        }
        std::ranges::sort(found, {}, &Foreign::name);
    } else {
        return Why(std::format("there is no {}", from.native()));
    }
    if (found.empty()) return Why(std::format("there is no mail in {}", from.native()));
    return found;
}

// The daemon's word on it.
Answer bring(control::Client& daemon, std::string const& login, std::string const& mailbox, Foreign const& from) {
    daemon.begin(*control::find_inner_command("import.letters"), {{"account", login}, {"mailbox", mailbox}});
    std::string waiting;
    bool taken = true;
    auto const flush = [&](std::size_t least) {
        std::string_view rest = waiting;
        for (; taken && rest.size() > least; rest.remove_prefix(std::min(rest.size(), piece_octets)))
            taken = daemon.send_octets(rest.substr(0, piece_octets));
        waiting.erase(0, waiting.size() - rest.size());
    };
    auto const read = from.read([&](Letter const& letter) -> std::expected<void, std::string> {
        waiting += encode(letter.head);
        waiting += letter.text;
        flush(piece_octets);
        if (taken) return {};
        return Why("");
    });
    flush(0);
    // What was read well is kept in any case; the daemon takes it for all that there is.
    if (taken) (void)daemon.send_octets("");
    while (daemon.next_octets()) {
    }
    Answer answer = daemon.reply();
    if (answer && !read) return std::unexpected(control::Refusal{read.error(), *answer});
    return answer;
}

} // namespace

Answer export_account(control::CommandLine const& line, control::Client* daemon, fs::path const& data) {
    fs::path const to = *line.given("to");
    auto const format = line.given("format").value_or("maildir");
    if (format != "maildir" && format != "mbox")
        return refused(std::format("{} is no format: maildir or mbox", format));
    auto origin = Origin::open(daemon, data, *line.given("account"));
    if (!origin) return refused(std::move(origin.error()));
    auto all = origin->mailboxes();
    if (!all) return refused(std::move(all.error()));
    auto const only = line.given("mailbox");
    if (only && !std::ranges::contains(all->names, *only)) return refused(std::format("there is no mailbox {}", *only));
    if (only) all->names = {*only};
    auto const written =
        format == "mbox" ? write_mboxes(*origin, to, *all, only.has_value()) : write_maildir(*origin, to, *all, !only);
    if (!written) return refused(written.error());
    json::object report{{"mailboxes", written->mailboxes}, {"messages", written->letters}};
    if (written->keywords_lost > 0) report["keywords_lost"] = written->keywords_lost;
    if (!written->renamed.empty()) report["renamed"] = written->renamed;
    return report;
}

Answer import_account(control::CommandLine const& line, control::Client& daemon) {
    fs::path const from = *line.given("from");
    std::string const login = *line.given("account");
    auto const into = line.given("into");
    auto const found = look_at(from);
    if (!found) return refused(found.error());
    std::uint64_t imported = 0, known = 0, keywords_lost = 0;
    json::array subscribed;
    auto const report = [&] {
        json::object all{{"mailboxes", found->size()}, {"imported", imported}, {"already_there", known}};
        if (keywords_lost > 0) all["keywords_lost"] = keywords_lost;
        return all;
    };
    for (Foreign const& mailbox : *found) {
        auto const& name = into.value_or(mailbox.name);
        auto const answer = bring(daemon, login, name, mailbox);
        json::value const& counts = answer ? *answer : answer.error().result;
        if (counts.is_object()) {
            imported += static_cast<std::uint64_t>(counts.at("imported").to_number<std::int64_t>());
            known += static_cast<std::uint64_t>(counts.at("known").to_number<std::int64_t>());
            keywords_lost += static_cast<std::uint64_t>(counts.at("keywords_lost").to_number<std::int64_t>());
        }
        if (!answer) return std::unexpected(control::Refusal{answer.error().reason, report()});
        if (name != "INBOX") subscribed.emplace_back(name);
    }
    // Clients show what is subscribed alone.
    if (!subscribed.empty())
        if (auto const done = daemon.ask(*control::find_inner_command("import.subscriptions"),
                                         {{"account", login}, {"names", subscribed}});
            !done)
            return std::unexpected(control::Refusal{done.error().reason, report()});
    return report();
}

} // namespace postern::app
