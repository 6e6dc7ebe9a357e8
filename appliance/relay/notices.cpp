#include "relay/notices.h"

#include "core/log.h"
#include "message/address.h"
#include "message/delivery_status.h"
#include "message/header.h"
#include "office/directory.h"
#include "office/incoming_message.h"
#include "office/quota.h"
#include "relay/consignment.h"
#include "store/bodies.h"
#include "store/delivery.h"
#include "store/messages.h"
#include "text/ascii.h"
#include "text/utf8.h"

#include <algorithm>
#include <format>
#include <limits>
#include <memory>
#include <utility>

namespace postern::relay {

namespace {

// Of the returned message, what is read of its header at most.
constexpr std::uint64_t header_octets = 128 * 1024;
constexpr std::uint64_t read_octets = 256 * 1024;
constexpr std::size_t boundary_octets = 16;

bool is_of_delay(NoticeKind kind) {
    return kind == NoticeKind::delayed || kind == NoticeKind::no_internet || kind == NoticeKind::relay_refuses ||
           kind == NoticeKind::link_held || kind == NoticeKind::late;
}

// RFC 3461 §4.1, §6.2: without a wish, failures and delays are told.
bool is_wanted(Notice const& notice) {
    if (notice.item.reverse_path.empty()) return false;
    std::string_view const wished = notice.item.wishes.notify;
    if (notice.kind == NoticeKind::relayed) return wished.contains("SUCCESS");
    // RFC 2852 §4: who set a time asked for these by that.
    if (notice.kind == NoticeKind::relayed_timed || notice.kind == NoticeKind::late ||
        notice.kind == NoticeKind::too_late)
        return wished != "NEVER";
    if (wished.empty()) return true;
    return wished.contains(is_of_delay(notice.kind) ? "DELAY" : "FAILURE");
}

message::RecipientStatus recipient_status(office::Office const& office, Notice const& notice,
                                          policy::RetryRules const& rules) {
    auto const at = [&](store::WallTime time) { return message::DateTime{time, office.clock.offset(time)}; };
    using message::Action;
    using message::Delay;
    message::RecipientStatus status{.original_recipient = notice.item.wishes.original_recipient,
                                    .final_recipient = notice.item.recipient,
                                    .action = Action::failed,
                                    .status = notice.status,
                                    .remote_mta = notice.relay_host,
                                    .reply = notice.said};
    if (notice.item.last_attempt != store::WallTime{}) status.last_attempt = at(notice.item.last_attempt);
    switch (notice.kind) {
    case NoticeKind::failed:
    case NoticeKind::too_late:
    case NoticeKind::expired: return status;
    case NoticeKind::relayed_timed:
    case NoticeKind::relayed:
        status.action = Action::relayed;
        status.relay_tells = notice.relay_tells;
        return status;
    case NoticeKind::late:
    case NoticeKind::delayed: status.delay = Delay::server_defers; break;
    case NoticeKind::no_internet: status.delay = Delay::no_internet; break;
    case NoticeKind::relay_refuses: status.delay = Delay::relay_refuses; break;
    case NoticeKind::link_held: status.delay = Delay::link_held; break;
    }
    status.action = Action::delayed;
    // As long as the internet stays: the clock that counts stands still while it is away.
    if (notice.kind == NoticeKind::delayed) status.will_retry_until = at(notice.item.queued + rules.expiry);
    return status;
}

// The header section of a message, or its beginning.
asio::awaitable<store::Result<std::string>> read_header(office::Office& office, store::MessageId id) {
    co_return co_await office.storage.read(
        [id](store::ReadTransaction const& transaction) -> store::Result<std::string> {
            auto const message = store::view_message(transaction, id);
            if (!message) return std::unexpected(store::StoreError::no_such_message);
            auto octets = store::read_body(transaction, message->body, 0, header_octets);
            if (!octets) return octets;
            octets->resize(std::min(message::header_end(*octets), octets->size()));
            return octets->substr(return_path_octets(*octets));
        });
}

asio::awaitable<store::Result<void>> append_body(office::Office& office, store::MessageId id,
                                                 office::IncomingMessage& into) {
    std::uint64_t begin = 0;
    while (true) {
        auto piece = co_await office.storage.read(
            [id, begin](store::ReadTransaction const& transaction) -> store::Result<std::string> {
                auto const message = store::view_message(transaction, id);
                if (!message) return std::unexpected(store::StoreError::no_such_message);
                return store::read_body(transaction, message->body, begin, read_octets);
            });
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) co_return store::Result<void>{};
        auto const skipped = begin == 0 ? return_path_octets(*piece) : 0;
        begin += piece->size();
        co_await into.append(piece->substr(skipped));
    }
}

} // namespace

store::Result<void> DeliverNotices::operator()(store::WriteTransaction& transaction) {
    auto const made = change_(transaction);
    if (!made) return std::unexpected(made.error());
    made_ = *made;
    return {};
}

void DeliverNotices::log() const {
    if (made_)
        core::log(core::Event::notice_made,
                  {{"message", core::number(*made_)}, {"about", core::number(about_)}, {"to", to_}});
}

asio::awaitable<store::Result<DeliverNotices>> make_notices(office::Office& office, std::vector<Notice> notices,
                                                            policy::RetryRules rules) {
    std::erase_if(notices, [](Notice const& notice) { return !is_wanted(notice); });
    if (notices.empty())
        co_return DeliverNotices({}, {}, [](store::WriteTransaction&) { return std::optional<store::MessageId>(); });
    store::QueueItem const& item = notices.front().item;
    // One that cannot be read is returned without.
    auto const header = co_await read_header(office, item.message);
    if (!header && header.error() == store::StoreError::closed) co_return std::unexpected(header.error());

    auto const now = office.clock.wall();
    message::DateTime const date{now, office.clock.offset(now)};
    message::DeliveryStatus status{.reporting_mta = office.host_name,
                                   .mail_domain = office.domain,
                                   .reverse_path = item.reverse_path,
                                   .envelope_id = item.envelope_id,
                                   .future_release_request = item.transfer.release_request,
                                   .arrival = {item.queued, office.clock.offset(item.queued)},
                                   .size = item.size,
                                   .outage = now - item.queued,
                                   .recipients = {},
                                   .returned = {},
                                   .eight_bit = item.body_8bit,
                                   .date = date,
                                   .message_id = std::format("<{}@{}>", office.random.hex(16), office.host_name),
                                   .boundary = office.random.hex(boundary_octets)};
    for (Notice const& notice : notices) status.recipients.push_back(recipient_status(office, notice, rules));
    status.returned =
        header ? message::find_returned(item.return_content, status.recipients, item.size) : message::Returned::header;
    auto const parts = message::make_notice(status, header.value_or(std::string()));

    auto const incoming = std::make_shared<office::IncomingMessage>(
        office, std::numeric_limits<std::uint64_t>::max(), net::MemoryShare{},
        [](message::HeaderSection const&) { return std::string("Return-Path: <>\r\n"); }); // RFC 5321 §4.4, §4.5.5
    co_await incoming->append(parts.head);
    if (status.returned == message::Returned::whole)
        if (auto const copied = co_await append_body(office, item.message, *incoming); !copied)
            co_return std::unexpected(copied.error());
    co_await incoming->append(parts.tail);
    auto message = co_await incoming->finish(now);
    if (!message) co_return std::unexpected(message.error());

    co_return DeliverNotices(
        item.message, item.reverse_path,
        [&office, incoming, message = std::move(*message), sender = item.reverse_path, eight_bit = item.body_8bit, now,
         settings =
             office.settings](store::WriteTransaction& transaction) -> store::Result<std::optional<store::MessageId>> {
            auto const mailbox = message::parse_smtp_mailbox(sender, true);
            if (!mailbox) return std::nullopt;
            auto const destination = office::resolve(transaction, *mailbox, office.domain, *settings);
            if (destination.unknown()) return std::nullopt; // whose account is gone
            store::Delivery delivery{.local = destination.local,
                                     .mailboxes = destination.mailboxes,
                                     .outside = {},
                                     .reverse_path = {},
                                     .envelope_id = {},
                                     .return_content = {},
                                     .body_8bit = eight_bit,
                                     .smtputf8 = !text::is_ascii(sender)};
            for (auto const& outside : destination.outside) delivery.outside.push_back({outside, {"NEVER", ""}});
            // A full mailbox is no reason to keep its owner in the dark: a notice is small, and counts for no quota.
            auto const delivered = store::deliver(transaction, message, delivery, store::Quota{}, now);
            if (delivered) return *delivered;
            if (delivered.error() != store::StoreError::over_quota) return std::unexpected(delivered.error());
            return std::nullopt;
        });
}

} // namespace postern::relay
