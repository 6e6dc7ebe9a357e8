// Which of the mailboxes that a login reaches a filter means (RFC 5465 §6, RFC 7377 §2.2): in NOTIFY and in ESEARCH the
// same. Names are those that the login knows; a "/" at the end of one is ignored, as at the end of a namespace's
// prefix. Pure.
#pragma once

#include "office/access.h"
#include "wire/imap_mailbox_filter.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

// Filters written out: time to look at a mailbox does not grow with their number. Stays as it was made.
class MailboxChoice {
public:
    using Names = std::set<std::string, std::less<>>;
    // A mailbox, or a name that may have been one.
    struct Candidate {
        std::string_view name;
        bool selectable;
        bool selected = false; // the one that is
    };

    explicit MailboxChoice(std::span<wire::imap::MailboxFilter const> filters);

    // Whether any of the filters means it.
    [[nodiscard]] bool has(Candidate const& mailbox, Names const& subscriptions) const;
    // Whether they may mean one that is not the login's own.
    [[nodiscard]] bool reaches_shared() const;
    // What it takes in memory besides itself, about.
    [[nodiscard]] std::size_t held_octets() const;

private:
    Names names_;
    Names below_;      // these and all below them
    Names just_below_; // these and those just below them
    bool personal_ = false;
    bool subscribed_ = false;
    bool selected_ = false;
};

// Those that can be selected, that may be read, and that any of `filters` means, each once, by name as `mailboxes` is.
// `selected`: the one that is, if any.
[[nodiscard]] std::vector<office::Reached> filter_mailboxes(std::span<wire::imap::MailboxFilter const> filters,
                                                            std::vector<office::Reached> mailboxes,
                                                            std::vector<std::string> const& subscriptions,
                                                            std::optional<store::MailboxId> selected);

} // namespace postern::imap
