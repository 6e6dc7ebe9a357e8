// Where an address leads: the office's accounts, its mailboxes, aliases and catch-all, or outside.
#pragma once

#include "core/settings.h"
#include "message/address.h"
#include "store/records.h"
#include "store/transaction.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::office {

// RFC 5321 §3.6: whose mail this box takes as final destination.
[[nodiscard]] bool is_local_domain(std::string_view domain, std::string_view office_domain,
                                   core::Settings const& settings);

struct Destination {
    std::vector<store::AccountId> local;       // each once
    std::vector<store::MailboxId> mailboxes{}; // of the office, each once
    std::vector<std::string> outside;          // mailboxes elsewhere
    [[nodiscard]] bool unknown() const { return local.empty() && mailboxes.empty() && outside.empty(); }
};

// `recipient` as RCPT gave it. In a local domain: exact alias, account (without "+detail", RFC 5233), postmaster and
// abuse (the administrator, whatever the case, RFC 5321 §4.5.1, RFC 2142), catch-all; else unknown. Alias targets are
// resolved again, at most 10 deep, each once: a loop ends and is no error.
[[nodiscard]] Destination resolve(store::ReadTransaction const& transaction, message::Mailbox const& recipient,
                                  std::string_view office_domain, core::Settings const& settings);

// RFC 4314 §2.1, "p": may he send mail to all those mailboxes? Nothing stands for who did not log in: what anyone may.
[[nodiscard]] bool may_post(store::ReadTransaction const& transaction, std::optional<store::AccountId> sender,
                            std::vector<store::MailboxId> const& mailboxes);

// RFC 6409 §6.1: may this account send as that address? Its own (with any detail), and aliases that lead nowhere but to
// it and to mailboxes of the office which it may put messages into: who works on what comes there answers it.
[[nodiscard]] bool may_send_as(store::ReadTransaction const& transaction, store::AccountId account,
                               message::Mailbox const& sender, std::string_view office_domain,
                               core::Settings const& settings);

} // namespace postern::office
