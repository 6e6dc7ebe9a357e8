// What one session was told of its selected mailbox, and what it has still to be told: messages that came, went, or got
// other flags since. Sequence numbers are those that the client counts with: a message that others expunged keeps its
// number until this session announces that (RFC 3501 §7.4.1). Pure; one thread.
#pragma once

#include "imap/sequence_numbers.h"
#include "store/changes.h"

#include <cstdint>
#include <string>
#include <utility>

namespace postern::imap {

class MailboxView {
public:
    // The mailbox as it was at mod-sequence `seen`; `recent` are the messages that are \Recent in this session.
    MailboxView(core::UidSet uids, core::UidSet recent, core::ModSeq seen);

    [[nodiscard]] SequenceNumbers const& numbers() const { return numbers_; }
    // Up to where the mailbox's changes are known here.
    [[nodiscard]] core::ModSeq seen() const { return seen_; }
    // Up to where all of them were announced: what HIGHESTMODSEQ may say. A client that resynchronises from there
    // misses nothing, not even an expunge that is withheld (RFC 7162 §3.2).
    [[nodiscard]] core::ModSeq told() const { return owes() ? told_ : seen_; }
    [[nodiscard]] bool is_recent(core::Uid uid) const { return recent_.contains(uid); }
    [[nodiscard]] core::UidSet const& recent() const { return recent_; }
    // Known to be expunged, not announced yet.
    [[nodiscard]] core::UidSet const& gone() const { return gone_; }
    // RFC 5182 §2.1: what "$" means; messages leave it when their expunge is announced.
    [[nodiscard]] core::UidSet const& saved() const { return saved_; }
    void save(core::UidSet uids) { saved_ = std::move(uids); }

    // Takes in what happened after seen(). New messages from `first_recent` on are \Recent here.
    void take(store::Changes const& changes, core::Uid first_recent);
    // The mailbox was deleted: all of its messages are gone.
    void take_deletion();
    // This session changed flags itself, which left the mailbox at `modseq`; nothing else happened since seen().
    void take_own_change(core::ModSeq modseq) { seen_ = modseq; }

    // Announcements: EXPUNGE responses, or VANISHED (RFC 7162 §3.2.10), which change sequence numbers; EXISTS and
    // with `recent` RECENT, if messages came. Expunges go first, where they are allowed.
    void announce_expunges(std::string& out, bool vanished);
    void announce_arrivals(std::string& out, bool recent);
    // Those that came and were not announced.
    [[nodiscard]] core::UidSet arrived() const;
    // The messages whose flags others changed, to be announced by FETCH responses.
    [[nodiscard]] core::UidSet take_flag_changes();

    // What it takes in memory, about.
    [[nodiscard]] std::size_t held_octets() const;

private:
    // Whether something is to be announced.
    [[nodiscard]] bool owes() const { return arrived_ || !gone_.empty() || !flags_changed_.empty(); }

    SequenceNumbers numbers_;
    core::UidSet recent_;
    core::UidSet gone_;
    core::UidSet flags_changed_;
    core::UidSet saved_;
    core::Uid last_announced_; // the client knows of none behind it
    core::ModSeq seen_;
    core::ModSeq told_; // while something is to be announced
    bool arrived_ = false;
};

} // namespace postern::imap
