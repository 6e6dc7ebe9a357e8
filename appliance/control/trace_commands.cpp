#include "control/actions.h"
#include "control/daemon.h"
#include "control/mail_lives.h"
#include "control/shared_name.h"
#include "core/settings.h"
#include "message/envelope.h"
#include "office/directory.h"
#include "store/accounts.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"
#include "store/rows.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace postern::control {

namespace {

using office::JournalKey;

constexpr std::uint64_t listed = 20, most_listed = 500;     // messages
constexpr std::size_t most_queued = 10'000;                 // items of the queue that are looked at
constexpr std::size_t most_rows = 1'000'000;                // of mailboxes
constexpr std::size_t most_waiting = 100, most_places = 20; // that are told of one message

// Where a message is now.
struct Standing {
    struct Place {
        std::string mailbox;
        bool seen = false;
        bool deleted = false;
    };
    bool stored = false;
    std::uint64_t size = 0;
    std::string message_id;
    std::vector<Place> places;
    std::vector<store::QueueItem> waiting;
};

struct Office {
    std::map<store::MessageId, Standing> standings;
    std::map<std::uint64_t, std::string> mailboxes; // that the lives name
    std::map<std::uint64_t, std::string> inboxes;   // of the accounts that they name
    bool looked_everywhere = true;
};

std::string name_inbox(std::optional<std::string> const& login) {
    return login ? "INBOX of " + *login : std::string("INBOX of an account that is gone");
}

std::string name_mailbox(store::ReadTransaction const& transaction, store::Mailbox const& mailbox) {
    if (mailbox.account == store::the_office) return shown_name(mailbox);
    return std::format("{} of {}", mailbox.name, store::login_of(transaction, mailbox.account).value_or("nobody"));
}

// An address of an account, with the office's domain or a local one or with none, is that account's whatever was
// written on the message.
void find_account(store::ReadTransaction const& transaction, std::string_view office_domain,
                  core::Settings const& settings, LivesQuery& query) {
    std::string login = query.words;
    if (auto const at = login.rfind('@'); at != std::string::npos) {
        if (!office::is_local_domain(login.substr(at + 1), office_domain, settings)) return;
        login.resize(at);
    }
    query.account = store::find_login(transaction, login);
    if (!query.account) return;
    if (!query.words.contains('@')) query.words += std::format("@{}", office_domain);
    query.login = std::move(login);
}

// Mail that waits is found there, whatever became of the journal.
void find_waiting(store::ReadTransaction const& transaction, LivesQuery& query) {
    for (store::QueueItem const& item : store::list_queue(transaction, most_queued))
        if (text::lower(item.recipient) == query.words || text::lower(item.reverse_path) == query.words ||
            (query.account && item.owner == *query.account))
            query.also.insert(item.message);
}

void look_into(store::ReadTransaction const& transaction, store::Mailbox const& mailbox, std::size_t& rows_left,
               Office& found) {
    std::string name;
    store::for_each_index(transaction, mailbox.id, store::list_uids(transaction, mailbox.id),
                          [&](store::IndexRow const& row) {
                              if (rows_left == 0) return false;
                              --rows_left;
                              auto const one = found.standings.find(row.message);
                              if (one == found.standings.end() || one->second.places.size() == most_places) return true;
                              if (name.empty()) name = name_mailbox(transaction, mailbox);
                              one->second.places.push_back({name, row.flags.has(core::SystemFlag::seen),
                                                            row.flags.has(core::SystemFlag::deleted)});
                              return true;
                          });
}

Office look_up(store::ReadTransaction const& transaction, Lives const& lives, LivesQuery const& query) {
    Office found;
    std::set<store::AccountId> accounts{store::the_office};
    if (query.account) accounts.insert(*query.account);
    for (Life const& life : lives.lives) {
        if (life.message) found.standings.try_emplace(*life.message);
        for (auto const& event : life.events) {
            for (auto const account : event.numbers(JournalKey::accounts)) found.inboxes.try_emplace(account);
            for (auto const mailbox : event.numbers(JournalKey::mailboxes)) found.mailboxes.try_emplace(mailbox);
            for (auto const key : {JournalKey::mailbox, JournalKey::into})
                if (auto const mailbox = event.number(key)) found.mailboxes.try_emplace(*mailbox);
        }
    }
    for (auto& [id, name] : found.mailboxes) {
        auto const mailbox = store::get_mailbox(transaction, static_cast<store::MailboxId>(id));
        name = mailbox ? name_mailbox(transaction, *mailbox) : "a mailbox that is gone";
        if (mailbox) accounts.insert(mailbox->account);
    }
    for (auto& [id, name] : found.inboxes) {
        name = name_inbox(store::login_of(transaction, static_cast<store::AccountId>(id)));
        accounts.insert(static_cast<store::AccountId>(id));
    }
    for (auto& [id, standing] : found.standings) {
        auto const message = store::view_message(transaction, id);
        if (!message) continue;
        standing.stored = !store::load_garbage(transaction, id);
        standing.size = message->size;
        if (auto const envelope = message::decode_envelope(message->envelope))
            standing.message_id = std::string(envelope->message_id.value_or(""));
    }
    std::size_t rows_left = most_rows;
    for (store::AccountId const account : accounts)
        for (store::Mailbox const& mailbox : store::list_mailboxes(transaction, account))
            if (mailbox.selectable) look_into(transaction, mailbox, rows_left, found);
    found.looked_everywhere = rows_left > 0;
    for (store::QueueItem& item : store::list_queue(transaction, most_queued))
        if (auto const one = found.standings.find(item.message);
            one != found.standings.end() && one->second.waiting.size() < most_waiting)
            one->second.waiting.push_back(std::move(item));
    return found;
}

// RFC 3339, as the clock on the wall shows it.
std::string local_time(core::Clock const& clock, core::WallTime time) {
    auto const offset = clock.offset(time);
    auto const minutes = std::chrono::abs(offset);
    return std::format("{:%FT%T}{}{:02}:{:02}", time + offset, offset.count() < 0 ? '-' : '+', minutes.count() / 60,
                       minutes.count() % 60);
}

std::string_view name_of(core::Event event) { return core::event_table()[static_cast<std::size_t>(event)].name; }

class Teller {
public:
    Teller(Daemon& daemon, Office const& office) : daemon_(daemon), office_(office) {}

    [[nodiscard]] json::object tell(Life const& life) const {
        json::object told;
        Standing const* const standing = life.message ? &office_.standings.at(*life.message) : nullptr;
        if (life.message) told["message"] = core::number(*life.message);
        if (standing != nullptr && standing->stored) {
            told["message_id"] = text::to_valid_utf8(standing->message_id);
            told["octets"] = standing->size;
        }
        json::array events;
        for (auto const& event : life.events) events.push_back(tell(event, life));
        told["events"] = std::move(events);
        if (life.left_out > 0) told["left_out"] = life.left_out;
        if (standing != nullptr) told["now"] = tell(*standing);
        return told;
    }
    [[nodiscard]] std::string time(core::WallTime time) const { return local_time(daemon_.office.clock, time); }

private:
    [[nodiscard]] json::object tell(office::JournalRecord const& record, Life const& life) const {
        json::object told{{"time", time(record.time)}, {"event", name_of(record.event)}};
        json::array mailboxes;
        auto const add_all = [&](JournalKey key, std::map<std::uint64_t, std::string> const& names) {
            for (auto const number : record.numbers(key)) mailboxes.emplace_back(text::to_valid_utf8(names.at(number)));
        };
        add_all(JournalKey::accounts, office_.inboxes);
        add_all(JournalKey::mailboxes, office_.mailboxes);
        if (!mailboxes.empty()) told["mailboxes"] = std::move(mailboxes);
        for (auto const& [key, name] : {std::pair{JournalKey::mailbox, "mailbox"}, {JournalKey::into, "into"}})
            if (auto const number = record.number(key)) told[name] = text::to_valid_utf8(office_.mailboxes.at(*number));
        for (auto const& [key, name] : {std::pair{JournalKey::from, "from"},
                                        {JournalKey::to, "to"},
                                        {JournalKey::peer, "peer"},
                                        {JournalKey::login, "login"},
                                        {JournalKey::message_id, "message_id"},
                                        {JournalKey::relay, "relay"},
                                        {JournalKey::reply, "reply"},
                                        {JournalKey::reason, "reason"},
                                        {JournalKey::by, "by"},
                                        {JournalKey::service, "service"}})
            if (auto const text = record.text(key); !text.empty()) told[name] = text::to_valid_utf8(text);
        for (auto const& [key, name] : {std::pair{JournalKey::size, "octets"}, {JournalKey::code, "code"}})
            if (auto const number = record.number(key)) told[name] = *number;
        if (auto const about = record.number(JournalKey::about)) {
            bool const is_about_this = life.message && *about == core::number(*life.message);
            auto const its_name = record.event == core::Event::message_completed ? "original" : "notice";
            told[is_about_this ? its_name : "about"] =
                is_about_this ? record.number(JournalKey::message).value_or(0) : *about;
        }
        return told;
    }

    [[nodiscard]] json::array tell(Standing const& standing) const {
        json::array told;
        for (auto const& place : standing.places)
            told.push_back({{"mailbox", text::to_valid_utf8(place.mailbox)},
                            {"seen", place.seen},
                            {"marked_deleted", place.deleted}});
        for (store::QueueItem const& item : standing.waiting)
            told.push_back({{"waits_for", text::to_valid_utf8(item.recipient)},
                            {"item", core::number(item.id)},
                            {"attempts", item.attempts},
                            {"being_sent", item.under_way},
                            {"because", text::to_valid_utf8(describe(daemon_.dispatcher.standing(item)))}});
        return told;
    }

    Daemon& daemon_;
    Office const& office_;
};

} // namespace

asio::awaitable<Answer> trace_mail(Call call) {
    auto& office = call.daemon.office;
    LivesQuery query;
    query.words = text::lower(text::trim(call.arguments.word("what")));
    if (query.words.starts_with('<') && query.words.ends_with('>'))
        query.words = query.words.substr(1, query.words.size() - 2);
    if (query.words.empty()) co_return refused("an address or a Message-ID is wanted");
    query.most = listed;
    if (auto const given = call.arguments.option("most")) {
        auto const most = core::parse_count(*given);
        if (!most || *most == 0 || *most > most_listed)
            co_return refused(std::format("most is a number up to {}, not {}", most_listed, *given));
        query.most = static_cast<std::size_t>(*most);
    }
    auto const keep = office.settings->seconds("trace.keep");
    query.since = office.clock.wall() - keep;
    if (auto const given = call.arguments.option("since")) {
        auto const time = core::parse_seconds(*given);
        if (!time) co_return refused(std::format("since is a time such as 30m, 12h or 2d, not {}", *given));
        query.since = std::max(query.since, office.clock.wall() - *time);
    }

    auto const known = co_await office.storage.read(
        [query, domain = office.domain,
         settings = office.settings](store::ReadTransaction const& transaction) mutable -> store::Result<LivesQuery> {
            find_account(transaction, domain, *settings, query);
            find_waiting(transaction, query);
            return query;
        });
    if (!known) co_return refused(std::string(store::describe(known.error())));
    auto const lives = co_await office.storage.compute([&journal = call.daemon.journal, query = *known] {
        return std::make_shared<Lives const>(find_lives(journal.snapshot(), query));
    });
    auto const found = co_await office.storage.read(
        [lives, query = *known](store::ReadTransaction const& transaction) -> store::Result<Office> {
            return look_up(transaction, *lives, query);
        });
    if (!found) co_return refused(std::string(store::describe(found.error())));

    Teller const teller(call.daemon, *found);
    json::array messages;
    for (Life const& life : lives->lives) messages.push_back(teller.tell(life));
    json::array gaps;
    for (Lives::Gap const& gap : lives->gaps)
        if (gap.to >= query.since) gaps.push_back({{"from", teller.time(gap.from)}, {"to", teller.time(gap.to)}});
    co_return json::object{{"of", text::to_valid_utf8(query.words)},
                           {"recorded_since", lives->recorded_since ? teller.time(*lives->recorded_since) : ""},
                           {"messages", std::move(messages)},
                           {"looked_everywhere", found->looked_everywhere},
                           {"gaps", std::move(gaps)}};
}

} // namespace postern::control
