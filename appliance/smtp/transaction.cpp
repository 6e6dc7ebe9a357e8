#include "smtp/transaction.h"

#include "core/log.h"
#include "message/priority.h"
#include "office/directory.h"
#include "office/mail_events.h"
#include "office/quota.h"
#include "office/sent_mail.h"
#include "smtp/access.h"
#include "smtp/trace.h"
#include "store/delivery.h"
#include "store/quota.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <utility>
#include <variant>

namespace postern::smtp {

using wire::smtp::BodyType;
using wire::smtp::DataFault;
using wire::smtp::Reply;

namespace {

// Mailboxes that the recipients of one message may come to, once aliases are followed.
constexpr std::size_t destination_limit = 100'000;

// What one of those holds beside its name, about.
constexpr std::size_t destination_octets = 256;

Reply no_room() { return {452, "4.3.1", "Too much to do at the moment; try again later"}; }

std::string to_path(message::Mailbox const& mailbox) {
    return message::smtp_mailbox(mailbox.local_part, mailbox.domain);
}

// Of recipients, for the log, which holds no more.
std::string some_of(auto const& given, auto const& outside) {
    constexpr std::size_t enough = 400;
    std::string some;
    auto const add = [&](std::string const& address) {
        if (some.size() + address.size() < enough) some += (some.empty() ? "" : " ") + address;
    };
    for (auto const& one : given) add(one.to);
    for (auto const& [address, wishes] : outside) add(address);
    return some;
}

// Whether each of them has room for a message; nothing: that is not known at a glance (store/quota.h).
std::optional<bool> all_have_room(store::ReadTransaction const& transaction,
                                  std::vector<store::AccountId> const& accounts, store::Usage message,
                                  store::Quota const& office) {
    std::optional<bool> all = true;
    for (store::AccountId const account : accounts) {
        auto const fits = store::fits_at_a_glance(transaction, account, message, office);
        if (fits == false) return false;
        if (!fits) all.reset();
    }
    return all;
}

// The time of Deliver By runs from when the message leaves: before, it cannot be late.
store::TransferWishes wishes_of(wire::smtp::Mail const& mail, core::WallTime now) {
    store::TransferWishes wishes;
    if (mail.priority) wishes.priority = static_cast<std::int8_t>(*mail.priority);
    auto begin = now;
    if (mail.future_release) {
        auto const release = release_time(*mail.future_release, now);
        if (release > now) begin = wishes.release = release;
        // RFC 4865 §6: as a notice repeats it.
        auto const* interval = std::get_if<std::chrono::seconds>(&*mail.future_release);
        wishes.release_request =
            interval != nullptr ? std::format("for;{}", interval->count()) : std::format("until;{:%FT%TZ}", release);
    }
    if (mail.deliver_by) {
        wishes.deliver_by = begin + mail.deliver_by->within;
        wishes.late_returns = mail.deliver_by->or_return;
        wishes.late_told = wishes.deliver_by <= now;
        wishes.trace = mail.deliver_by->trace;
    }
    return wishes;
}

} // namespace

core::WallTime release_time(wire::smtp::FutureRelease const& wish, core::WallTime now) {
    auto const* interval = std::get_if<std::chrono::seconds>(&wish);
    return interval != nullptr ? now + *interval : std::get<core::WallTime>(wish);
}

Reply reply_to(store::StoreError error) {
    switch (error) {
    case store::StoreError::full: return {452, "4.3.1", "The disk is full; try again later"};
    case store::StoreError::over_quota: return {452, "4.2.2", "Mailbox full"};
    case store::StoreError::closed: return {421, "4.3.2", "Shutting down; try again later"};
    case store::StoreError::no_such_account:
    case store::StoreError::account_exists:
    case store::StoreError::no_such_mailbox:
    case store::StoreError::mailbox_exists:
    case store::StoreError::mailbox_has_children:
    case store::StoreError::mailbox_protected:
    case store::StoreError::being_sent:
    case store::StoreError::mailbox_has_address:
    case store::StoreError::name_invalid:
    case store::StoreError::not_permitted:
    case store::StoreError::too_many_keywords:
    case store::StoreError::no_such_message:
    case store::StoreError::no_such_alias:
    case store::StoreError::no_such_queue_item:
    case store::StoreError::no_such_relay:
    case store::StoreError::no_such_fetch_source:
    case store::StoreError::no_such_setting:
    case store::StoreError::damaged:
    case store::StoreError::failed: break;
    }
    return {451, "4.3.0", "Cannot store that now; try again later"};
}

Transaction::Transaction(office::Office& office, std::shared_ptr<core::Settings const> settings, Origin origin,
                         wire::smtp::Mail mail, net::MemoryShare memory)
    : office_(office),
      settings_(std::move(settings)),
      origin_(std::move(origin)),
      mail_(std::move(mail)),
      transfer_(wishes_of(mail_, office.clock.wall())),
      id_(office.random.hex(8)),
      memory_(std::move(memory)),
      lines_(settings_->bytes("smtp.line_limit")) {}

bool Transaction::is_ours(message::Mailbox const& mailbox) const {
    return mailbox.domain.empty() || office::is_local_domain(mailbox.domain, office_.domain, *settings_);
}

// Whatever the time is when it comes to its end: what was accepted so is delivered so.
bool Transaction::is_scheduled() const { return transfer_.release != core::WallTime{}; }

void Transaction::add_outside(std::string mailbox, wire::smtp::Rcpt const& rcpt) {
    outside_.try_emplace(std::move(mailbox), rcpt.notify, rcpt.original_recipient);
}

std::string Transaction::reverse_path() const { return mail_.reverse_path ? to_path(*mail_.reverse_path) : ""; }

asio::awaitable<Reply> Transaction::add_recipient(wire::smtp::Rcpt rcpt) {
    auto const given = to_path(rcpt.forward_path);
    auto reply = co_await take_recipient(given, rcpt);
    if (reply.code >= 400)
        core::log(core::Event::recipient_refused, {{"peer", origin_.peer_address},
                                                   {"login", origin_.login},
                                                   {"from", reverse_path()},
                                                   {"to", given},
                                                   {"code", reply.code},
                                                   {"reason", reply.text}});
    co_return reply;
}

asio::awaitable<Reply> Transaction::take_recipient(std::string const& given, wire::smtp::Rcpt& rcpt) {
    auto& path = rcpt.forward_path;
    if (recipients_ >= settings_->count("smtp.recipient_limit") ||
        local_.size() + mailboxes_.size() + outside_.size() > destination_limit)
        co_return Reply{452, "4.5.3", "Too many recipients"}; // RFC 5321 §4.5.3.1.10
    if (!hold(given.size() + rcpt.original_recipient.size())) co_return no_room();
    // RFC 6531 §3.5
    if (!mail_.smtputf8 && !text::is_ascii(given))
        co_return Reply{553, "5.6.7", "An address that is not ASCII needs SMTPUTF8 in MAIL"};
    // RFC 5321 §4.1.3: our own address names us.
    if (names_address(path.domain, origin_.local_address)) path.domain = office_.domain;

    if (is_ours(path)) {
        struct Found {
            office::Destination destination;
            bool may_post = true;
            std::optional<bool> room;
        };
        store::Usage const message{std::max<std::uint64_t>(mail_.size, 1), 1};
        auto const quota = office::office_quota(*settings_);
        // On this thread: every message needs these few pages, so they are in memory, and two changes of thread would
        // cost more than the look.
        auto const found =
            office_.storage.read_here([&](store::ReadTransaction const& transaction) -> store::Result<Found> {
                Found result{office::resolve(transaction, path, office_.domain, *settings_), {}, {}};
                auto const sender = origin_.identity ? std::optional(origin_.identity->account) : std::nullopt;
                result.may_post = office::may_post(transaction, sender, result.destination.mailboxes);
                result.room = all_have_room(transaction, result.destination.local, message, quota);
                return result;
            });
        if (!found) co_return reply_to(found.error());
        if (found->destination.unknown()) co_return Reply{550, "5.1.1", "No such mailbox here"};
        // Whole, though others may be among its targets: a message that some of them did not get would look delivered.
        if (!found->may_post) co_return Reply{550, "5.7.1", "You may not send mail to that address"};
        auto room = store::Result<bool>(found->room.value_or(false));
        if (!found->room)
            room = co_await office_.storage.read([accounts = found->destination.local, message, quota](
                                                     store::ReadTransaction const& transaction) -> store::Result<bool> {
                return std::ranges::all_of(accounts, [&](store::AccountId account) {
                    return store::fits(transaction, account, message, quota);
                });
            });
        if (!room) co_return reply_to(room.error());
        if (!*room) co_return reply_to(store::StoreError::over_quota);
        std::size_t octets =
            (found->destination.local.size() + found->destination.mailboxes.size()) * destination_octets;
        for (auto const& mailbox : found->destination.outside) octets += destination_octets + mailbox.size();
        if (!hold(octets)) co_return no_room();
        for (auto const& mailbox : found->destination.outside) add_outside(mailbox, rcpt);
        bool const is_for_here = !found->destination.local.empty() || !found->destination.mailboxes.empty();
        if (!is_scheduled()) {
            local_.insert(found->destination.local.begin(), found->destination.local.end());
            mailboxes_.insert(found->destination.mailboxes.begin(), found->destination.mailboxes.end());
            given_.push_back({given, found->destination.local, found->destination.mailboxes});
        } else if (is_for_here) { // whose mailbox it is then, is found out then
            if (path.domain.empty()) path.domain = office_.domain;
            add_outside(to_path(path), rcpt);
        }
    } else {
        // Never an open relay: only who logged in sends elsewhere.
        if (origin_.role != Role::submission) co_return Reply{550, "5.7.1", "Relaying denied"};
        add_outside(given, rcpt);
    }
    ++recipients_;
    recipient_ = given;
    co_return Reply{250, "2.1.5", "Ok"};
}

bool Transaction::hold(std::size_t more) { return memory_.resize(memory_.octets() + destination_octets + more); }

bool Transaction::begin() {
    if (!incoming_)
        incoming_.emplace(office_, settings_->bytes("smtp.message_size_limit"), memory_.beside(),
                          [this](message::HeaderSection const& header) { return prefix(header); });
    return !incoming_->out_of_memory();
}

// Return-Path belongs to final delivery (RFC 5321 §4.4); it always stands first, so that a relay, which shares the
// stored message with local mailboxes, can leave it out. One that the sender wrote is not touched, nor is anything else
// that came: ours is the first.
std::string Transaction::prefix(message::HeaderSection const& header) {
    auto const now = office_.clock.wall();
    message::DateTime const date{now, office_.clock.offset(now)};
    urgency_ = message::find_urgency(header);
    auto prefix = return_path_field(mail_.reverse_path ? to_path(*mail_.reverse_path) : "");
    prefix += received_field({.hello = origin_.hello,
                              .peer_address = origin_.peer_address,
                              .host_name = office_.host_name,
                              .tls = origin_.tls,
                              .extended = origin_.extended,
                              .authenticated = origin_.authenticated,
                              .smtputf8 = mail_.smtputf8,
                              .id = id_,
                              .recipient = recipients_ == 1 ? recipient_ : std::string_view(),
                              .date = date});
    if (origin_.role == Role::submission)
        prefix += missing_fields(header, date, office_.random.hex(16), office_.host_name);
    return prefix;
}

asio::awaitable<void> Transaction::append(std::string octets) {
    if (begin() && !fault_) co_await incoming_->append(std::move(octets));
}

asio::awaitable<void> Transaction::append_chunk(std::string octets) {
    // RFC 3030 §3: BINARYMIME is octets, all else lines.
    if (mail_.body != BodyType::binary_mime) {
        for (std::size_t read = 0; read < octets.size();) read += lines_.read(std::string_view(octets).substr(read));
        fault_ = lines_.fault();
    }
    co_await append(std::move(octets));
}

std::optional<Reply> Transaction::refusal() const {
    if (fault_) {
        switch (*fault_) {
        case DataFault::bare_cr: return Reply{554, "5.6.0", "The message has a CR without LF; lines end in CRLF"};
        case DataFault::bare_lf: return Reply{554, "5.6.0", "The message has a LF without CR; lines end in CRLF"};
        case DataFault::nul: return Reply{554, "5.6.0", "The message has a NUL octet"};
        case DataFault::line_too_long: return Reply{554, "5.6.0", "The message has a line that is too long"};
        }
    }
    if (incoming_ && incoming_->out_of_memory()) return no_room();
    if (incoming_ && incoming_->too_large()) return Reply{552, "5.3.4", "The message is too large"};
    return std::nullopt;
}

asio::awaitable<Reply> Transaction::finish() {
    lines_.finish();
    if (!fault_) fault_ = lines_.fault();
    (void)begin(); // a message of no octets
    auto reply = refusal();
    if (!reply) reply = co_await deliver();
    if (reply->code >= 400)
        core::log(core::Event::message_refused, {{"id", id_},
                                                 {"peer", origin_.peer_address},
                                                 {"login", origin_.login},
                                                 {"from", reverse_path()},
                                                 {"to", some_of(given_, outside_)},
                                                 {"code", reply->code},
                                                 {"reason", reply->text}});
    co_return std::move(*reply);
}

void Transaction::log_delivery(store::MessageId message) const {
    for (Given const& given : given_) office::log_delivered(message, given.to, given.local, given.mailboxes);
    for (auto const& [recipient, wishes] : outside_)
        core::log(core::Event::message_queued, {{"message", core::number(message)}, {"to", recipient}});
}

asio::awaitable<Reply> Transaction::deliver() {
    auto const now = office_.clock.wall();
    auto message = co_await incoming_->finish(now);
    if (auto refused = refusal()) co_return std::move(*refused);
    if (!message) co_return reply_to(message.error());
    if (incoming_->received_count() > settings_->count("smtp.hop_limit")) // RFC 5321 §6.3
        co_return Reply{554, "5.4.6", "The message goes round in a loop"};

    store::Delivery delivery{.local = {local_.begin(), local_.end()},
                             .mailboxes = {mailboxes_.begin(), mailboxes_.end()},
                             .outside = {},
                             .owner = origin_.identity ? origin_.identity->account : store::AccountId{},
                             .reverse_path = reverse_path(),
                             .envelope_id = mail_.envelope_id,
                             .return_content = mail_.return_content,
                             .body_8bit = mail_.body != BodyType::seven_bit,
                             .body_binary = mail_.body == BodyType::binary_mime,
                             .smtputf8 = mail_.smtputf8,
                             .urgency = urgency_,
                             .transfer = transfer_};
    for (auto const& [recipient, wishes] : outside_) delivery.outside.push_back({recipient, wishes});
    bool const file_sent =
        origin_.role == Role::submission && origin_.identity && settings_->flag("submission.file_sent");
    auto const size = message->size;
    auto const message_id = office::message_id_of(*message);
    auto const delivered = co_await office_.storage.write(
        [message = std::move(*message), delivery = std::move(delivery), file_sent,
         quota = office::office_quota(*settings_),
         now](store::WriteTransaction& transaction) mutable -> store::Result<store::MessageId> {
            if (file_sent) {
                // Without room for the copy the message is not sent either: its sender would rely on the copy.
                auto const mailbox = office::make_sent_mailbox(transaction, delivery.owner, now);
                if (!mailbox) return std::unexpected(mailbox.error());
                delivery.sent = *mailbox;
            }
            return store::deliver(transaction, message, delivery, quota, now);
        });
    if (!delivered) co_return reply_to(delivered.error());
    core::log(core::Event::message_accepted, {{"id", id_},
                                              {"message", core::number(*delivered)},
                                              {"peer", origin_.peer_address},
                                              {"login", origin_.login},
                                              {"from", reverse_path()},
                                              {"message_id", message_id},
                                              {"recipients", recipients_},
                                              {"size", size}});
    log_delivery(*delivered);
    co_return Reply{250, "2.0.0", "Ok: queued as " + id_};
}

} // namespace postern::smtp
