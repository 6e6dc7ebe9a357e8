// How FETCH responses are made (RFC 3501 §7.4.2): on a reader's thread, for as many messages as one look at the store
// bears, whole lines that only need to be sent. What is long is left in the store and named, to be sent in slices.
// Only what is asked for is read: flags come from the mailbox's index alone.
#pragma once

#include "core/uid_set.h"
#include "imap/part_decoder.h"
#include "message/structure.h"
#include "store/messages.h"
#include "wire/imap_fetch.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace postern::imap {

struct FetchPlan {
    std::vector<wire::imap::FetchItem> items = {};
    std::optional<core::ModSeq> changed_since = {}; // RFC 7162 §3.1.4.1: only messages that changed after it
    // The messages that get \Seen by this FETCH, whose flags belong into the answer even if they were not asked for.
    core::UidSet newly_seen = {};
    bool uid_only = false;          // UIDFETCH responses (RFC 9586 §3.3)
    bool uid_with_flags = false;    // then with their UID (RFC 7162 §3.2.4, RFC 9051 §7.5.2)
    bool modseq_with_flags = false; // and mod-sequence
    // Flags are asked for, and were committed a moment ago: a few are read where they are sent.
    bool just_written = false;
    std::function<std::chrono::minutes(core::WallTime)> offset = {}; // of local time, for INTERNALDATE
};

// One message of the view.
struct FetchTarget {
    std::uint32_t number;
    core::Uid uid;
    bool recent;
};

struct BodySlice {
    std::uint64_t offset;
    std::uint64_t octets;
};

// A part without its transfer encoding: what it decodes to as a literal, or the number of its octets.
struct DecodedPart {
    BodySlice slice;
    TransferEncoding encoding;
    std::optional<wire::imap::Partial> partial; // of what it decodes to
    bool size_alone;
};

// A response with literals that are too long to be held, or not decoded yet.
struct LongResponse {
    store::BodyId body{};
    std::vector<std::variant<std::string, BodySlice, DecodedPart>> pieces;
};

struct FetchBatch {
    std::size_t looked_at = 0;          // of the targets, from the first on
    std::string text;                   // whole responses
    std::optional<LongResponse> last;   // of the last target that was looked at
    std::vector<std::string> keywords;  // of the mailbox, when these flags were read
    std::vector<store::MessageId> read; // of which bodies are there that nobody had seen
    std::uint32_t answered = 0;         // besides `last`
    std::uint32_t gone = 0;             // expunged
    std::uint32_t damaged = 0;          // not answered: what is stored of them is broken
    std::uint32_t encoded = 0;          // not answered: a part is encoded in a way that is not known (RFC 3516 §4.3)
};

// Targets in ascending order. Errors: no_such_mailbox.
[[nodiscard]] store::Result<FetchBatch> fetch_batch(store::ReadTransaction const& transaction, store::MailboxId mailbox,
                                                    std::span<FetchTarget const> targets, FetchPlan const& plan);

// Where in the message a section lies; nothing if there is no such part (RFC 3501 §6.4.5). For HEADER.FIELDS it is
// where the whole header lies.
[[nodiscard]] std::optional<BodySlice> locate(message::StructureView const& structure,
                                              wire::imap::Section const& section);

// RFC 3501 §6.4.5: what a partial fetch leaves of `size` octets: from where on, and how many. One that begins beyond
// the end is empty.
[[nodiscard]] std::pair<std::uint64_t, std::uint64_t> cut(std::optional<wire::imap::Partial> const& partial,
                                                          std::uint64_t size);

// RFC 3501 §6.4.5: of a header section the fields named by HEADER.FIELDS, or all but those; with the empty line at its
// end, if it has one.
[[nodiscard]] std::string select_fields(std::string_view header, wire::imap::Section const& section);

} // namespace postern::imap
