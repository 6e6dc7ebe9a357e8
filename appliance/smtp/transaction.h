// One mail transaction (RFC 5321 §3.3): a reverse-path, recipients, and the message for them.
#pragma once

#include "office/incoming_message.h"
#include "office/login.h"
#include "smtp/session.h"
#include "wire/smtp_command.h"
#include "wire/smtp_data.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postern::smtp {

// Who brings it, and how.
struct Origin {
    Role role{};
    std::string hello;
    bool extended = false; // EHLO, not HELO
    std::string peer_address;
    std::string local_address;
    std::string tls;
    std::optional<office::Identity> identity;
    std::string login{}; // as the log has it: a person's, or "upstream provider"
    bool authenticated = false;
};

class Transaction {
public:
    // `office` outlives it.
    // `memory` is the client's, and holds nothing yet.
    Transaction(office::Office& office, std::shared_ptr<core::Settings const> settings, Origin origin,
                wire::smtp::Mail mail, net::MemoryShare memory);

    // The answer to RCPT.
    asio::awaitable<wire::smtp::Reply> add_recipient(wire::smtp::Rcpt rcpt);
    [[nodiscard]] bool has_recipients() const { return recipients_ > 0; }

    [[nodiscard]] wire::smtp::BodyType body_type() const { return mail_.body; }
    [[nodiscard]] bool has_data() const { return incoming_.has_value(); }
    // Before the message: whether there is memory to take it. If not, refusal() says so.
    [[nodiscard]] bool begin();
    // The message, piece by piece: what the data of DATA says, or chunks of BDAT as they are.
    asio::awaitable<void> append(std::string octets);
    asio::awaitable<void> append_chunk(std::string octets);
    void set_fault(wire::smtp::DataFault fault) { fault_ = fault; }

    // Why the message cannot be taken any more, if so.
    [[nodiscard]] std::optional<wire::smtp::Reply> refusal() const;
    // Gives it to the store. The answer to the end of the data; the transaction is over then, whatever it says.
    asio::awaitable<wire::smtp::Reply> finish();

private:
    std::string prefix(message::HeaderSection const& header);
    asio::awaitable<wire::smtp::Reply> deliver();
    void add_outside(std::string mailbox, wire::smtp::Rcpt const& rcpt);
    [[nodiscard]] bool is_scheduled() const;   // RFC 4865: it is not to be delivered now
    [[nodiscard]] bool hold(std::size_t more); // of a recipient; false: there is no room
    [[nodiscard]] bool is_ours(message::Mailbox const& mailbox) const;
    asio::awaitable<wire::smtp::Reply> take_recipient(std::string const& given, wire::smtp::Rcpt& rcpt);
    [[nodiscard]] std::string reverse_path() const;
    void log_delivery(store::MessageId message) const;

    office::Office& office_;
    std::shared_ptr<core::Settings const> settings_;
    Origin origin_;
    wire::smtp::Mail mail_;
    store::TransferWishes transfer_;
    std::string id_; // in Received, in the answer, in the log

    net::MemoryShare memory_;    // for the recipients
    std::size_t recipients_ = 0; // RCPT commands that were accepted
    std::string recipient_;      // the last of them
    // Whom it is for here, and where that led; for the log.
    struct Given {
        std::string to;
        std::vector<store::AccountId> local;
        std::vector<store::MailboxId> mailboxes;
    };
    std::vector<Given> given_;
    std::set<store::AccountId> local_;
    std::set<store::MailboxId> mailboxes_;            // of the office
    std::map<std::string, store::DsnWishes> outside_; // of what is scheduled, all of them
    core::Urgency urgency_ = core::Urgency::normal;   // by its header

    std::optional<office::IncomingMessage> incoming_;
    wire::smtp::LineScanner lines_; // of chunks
    std::optional<wire::smtp::DataFault> fault_;
};

// RFC 4865: when a message that is given now may leave.
[[nodiscard]] core::WallTime release_time(wire::smtp::FutureRelease const& wish, core::WallTime now);

// What a client is told when the store did not do what it was asked.
[[nodiscard]] wire::smtp::Reply reply_to(store::StoreError error);

} // namespace postern::smtp
