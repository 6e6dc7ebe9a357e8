#include "fetch/arrival.h"

#include "core/log.h"
#include "message/priority.h"
#include "office/directory.h"
#include "office/mail_events.h"
#include "office/quota.h"
#include "store/accounts.h"
#include "store/delivery.h"
#include "store/fetches.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/stubs.h"

#include <algorithm>
#include <format>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace postern::fetch {

namespace {

std::string_view protocol_name(store::FetchProtocol protocol) {
    return protocol == store::FetchProtocol::imap ? "IMAP" : "POP3";
}

Refusal no_memory() { return {.reason = "there is too much to do at the moment"}; }

Refusal refusal_of(store::StoreError error) {
    using enum store::StoreError;
    switch (error) {
    case full:
    case closed:
    case damaged:
    case failed: return {.reason = std::string(store::describe(error)), .lasting = false, .everything = true};
    case over_quota: return {.reason = "a mailbox that it is for is full"};
    case no_such_account: return {.reason = "the account that it is for is gone"};
    case no_such_fetch_source: return {.reason = "nothing is fetched from there any more"};
    case account_exists:
    case no_such_mailbox:
    case mailbox_exists:
    case mailbox_has_children:
    case mailbox_protected:
    case mailbox_has_address:
    case not_permitted:
    case name_invalid:
    case too_many_keywords:
    case no_such_message:
    case no_such_alias:
    case no_such_queue_item:
    case no_such_relay:
    case being_sent:
    case no_such_setting: break;
    }
    return {.reason = std::string(store::describe(error)), .lasting = true};
}

// Where a message goes. Addresses elsewhere are no business of ours: whoever put it here sent it to those as well.
office::Destination find_destination(store::ReadTransaction const& transaction, store::FetchSource const& source,
                                     std::vector<std::vector<message::Mailbox>> const& addressees,
                                     std::string_view office_domain, core::Settings const& settings) {
    for (auto const& occurrence : addressees) {
        std::set<store::AccountId> accounts;
        std::set<store::MailboxId> mailboxes;
        std::set<std::string> outside; // that aliases lead to
        for (message::Mailbox const& mailbox : occurrence) {
            if (!office::is_local_domain(mailbox.domain, office_domain, settings)) continue;
            auto const found = office::resolve(transaction, mailbox, office_domain, settings);
            if (!office::may_post(transaction, std::nullopt, found.mailboxes)) continue;
            accounts.insert(found.local.begin(), found.local.end());
            mailboxes.insert(found.mailboxes.begin(), found.mailboxes.end());
            outside.insert(found.outside.begin(), found.outside.end());
        }
        if (!accounts.empty() || !mailboxes.empty() || !outside.empty())
            return {{accounts.begin(), accounts.end()},
                    {mailboxes.begin(), mailboxes.end()},
                    {outside.begin(), outside.end()}};
    }
    return {{source.account}, {}, {}};
}

// What became of a message.
struct Done {
    store::Fetched fetched{};
    std::optional<store::MessageId> message{}; // nothing: it was here, or nobody wants it any more
    std::vector<store::Account> accounts{};
    std::vector<store::MailboxId> mailboxes{};
    std::optional<store::MessageId>
        stub{}; // in whose place it came, and where that was, by its owner's address or name
    std::map<std::string, std::vector<store::MailboxId>> places{};
    bool no_stub = false;
};

// The original of a stub that is here, wherever that lies.
store::Result<Done> complete(store::WriteTransaction& transaction, std::string const& source, std::string_view domain,
                             store::Fetched fetched, store::NewMessage message, store::Quota const& quota,
                             store::WallTime now) {
    auto const stub = store::find_stub(transaction, fetched.stub);
    auto const view = stub ? store::view_message(transaction, stub->message) : std::nullopt;
    if (!view) return Done{.fetched = std::move(fetched)};
    message.internal_date = view->internal_date;
    auto const completed = store::complete_stub(transaction, stub->message, message, quota, now);
    if (!completed) return std::unexpected(completed.error());
    Done done{.fetched = store::find_fetched(transaction, source, fetched.id).value_or(fetched),
              .message = *completed,
              .stub = stub->message};
    for (store::StubPlace const& place : stub->places) {
        auto const mailbox = store::get_mailbox(transaction, place.mailbox);
        auto const owner = mailbox ? store::get_account(transaction, mailbox->account) : std::nullopt;
        auto& mailboxes = done.places[owner ? std::format("{}@{}", owner->login, domain) : source];
        if (!std::ranges::contains(mailboxes, place.mailbox)) mailboxes.push_back(place.mailbox);
    }
    return done;
}

} // namespace

Arrival::Arrival(office::Office& office, store::FetchSource const& source, Announced announced, Bringer const& bringer,
                 net::MemoryShare memory)
    : office_(office),
      source_(source),
      announced_(std::move(announced)),
      bringer_(bringer),
      id_(office.random.hex(8)),
      incoming_(office, office.settings->bytes("fetch.message_size_limit"), std::move(memory),
                [this](message::HeaderSection const& header) { return prefix(header); }) {}

std::string Arrival::prefix(message::HeaderSection const& header) {
    auto const now = office_.clock.wall();
    mark_ = mark_of(header);
    reverse_path_ = reverse_path_of(header);
    urgency_ = message::find_urgency(header);
    if (source_.sorted) addressees_ = addressees(header, source_.sort_field);
    return trace_fields(reverse_path_, {.server = source_.host,
                                        .peer_address = bringer_.peer_address,
                                        .protocol = protocol_name(source_.protocol),
                                        .tls = bringer_.tls,
                                        .host_name = office_.host_name,
                                        .id = id_,
                                        .date = {now, office_.clock.offset(now)}});
}

asio::awaitable<void> Arrival::append(std::string octets) { co_await incoming_.append(std::move(octets)); }

std::optional<Refusal> Arrival::refusal() const {
    if (incoming_.too_large())
        return Refusal{.reason = "it is larger than the setting fetch.message_size_limit allows", .lasting = true};
    if (incoming_.out_of_memory()) return no_memory();
    return std::nullopt;
}

asio::awaitable<std::expected<store::Fetched, Refusal>> Arrival::finish(std::optional<std::string> before) {
    if (auto refused = refusal()) co_return std::unexpected(std::move(*refused));
    auto const octets = incoming_.size();
    auto const now = office_.clock.wall();
    auto message = co_await incoming_.finish(announced_.internal_date.value_or(now));
    if (incoming_.out_of_memory()) co_return std::unexpected(no_memory());
    if (!message) co_return std::unexpected(refusal_of(message.error()));
    if (incoming_.received_count() > office_.settings->count("smtp.hop_limit")) // RFC 5321 §6.3
        co_return std::unexpected(Refusal{.reason = "it goes round in a loop", .lasting = true});
    auto const message_id = office::message_id_of(*message);
    auto done = co_await office_.storage.write(
        [message = std::move(*message), announced = announced_, mark = mark_.value_or(""), source = source_.name,
         before = std::move(before), addressees = addressees_, reverse_path = reverse_path_, urgency = urgency_,
         settings = office_.settings, domain = office_.domain,
         now](store::WriteTransaction& transaction) -> store::Result<Done> {
            auto const current = store::find_fetch_source(transaction, source);
            if (!current) return std::unexpected(store::StoreError::no_such_fetch_source);
            if (auto known = store::find_fetched(transaction, source, announced.id)) {
                if (known->stub != store::MessageId{} && !announced.stub_of)
                    return complete(transaction, source, domain, std::move(*known), message,
                                    office::office_quota(*settings), now);
                return Done{.fetched = std::move(*known)}; // by another connection, whose end we did not see
            }
            if (before) {
                auto const known = store::rename_fetched(transaction, source, *before, announced.id);
                if (!known) return std::unexpected(known.error());
                if (*known) return Done{.fetched = **known};
            }
            auto const to = find_destination(transaction, *current, addressees, domain, *settings);
            if (announced.stub_of && !to.outside.empty()) return Done{.no_stub = true};
            store::Delivery delivery;
            delivery.stub = announced.stub_of.has_value();
            delivery.local = to.local;
            delivery.mailboxes = to.mailboxes;
            delivery.reverse_path = reverse_path;
            // Nobody declared anything of the body: a relay is told of what it may be.
            delivery.body_8bit = true;
            delivery.urgency = urgency;
            for (std::string const& recipient : to.outside) delivery.outside.push_back({recipient, {}});
            auto const delivered = store::deliver(transaction, message, delivery, office::office_quota(*settings), now);
            if (!delivered) return std::unexpected(delivered.error());
            store::Fetched fetched{announced.id, mark, now};
            auto const noted = announced.stub_of
                                   ? store::note_stub(transaction, *delivered, source, fetched, *announced.stub_of)
                                   : store::note_fetched(transaction, source, fetched);
            if (!noted) return std::unexpected(noted.error());
            if (announced.stub_of) fetched.stub = *delivered;
            Done delivery_done{.fetched = fetched, .message = *delivered, .mailboxes = to.mailboxes};
            for (store::AccountId const id : to.local)
                if (auto account = store::get_account(transaction, id))
                    delivery_done.accounts.push_back(std::move(*account));
            return delivery_done;
        });
    if (!done) co_return std::unexpected(refusal_of(done.error()));
    if (done->no_stub) co_return std::unexpected(Refusal{.reason = "its stub would not do", .no_stub = true});
    if (!done->message) co_return std::move(done->fetched);
    auto const number = core::number(*done->message);
    core::log(core::Event::message_accepted, {{"source", source_.name},
                                              {"id", id_},
                                              {"message", number},
                                              {"peer", bringer_.peer_address},
                                              {"from", reverse_path_},
                                              {"message_id", message_id},
                                              {"size", octets}});
    for (store::Account const& account : done->accounts)
        office::log_delivered(*done->message, account.login + "@" + office_.domain, {&account.id, 1}, {});
    for (store::MailboxId const mailbox : done->mailboxes)
        office::log_delivered(*done->message, source_.name, {}, {&mailbox, 1});
    for (auto const& [to, mailboxes] : done->places) office::log_delivered(*done->message, to, {}, mailboxes);
    if (announced_.stub_of)
        core::log(core::Event::message_stubbed, {{"message", number}, {"size", *announced_.stub_of}});
    if (done->stub)
        core::log(core::Event::message_completed, {{"message", number}, {"about", core::number(*done->stub)}});
    co_return std::move(done->fetched);
}

} // namespace postern::fetch
