// What SEARCH asks, made ready to be asked of one message after another (RFC 3501 §6.4.4): sets are UIDs, strings are
// casemapped UTF-8, and what is cheap to find out comes before what is not. Pure.
#pragma once

#include "core/clock.h"
#include "core/flags.h"
#include "core/uid_set.h"
#include "imap/mailbox_view.h"
#include "message/envelope.h"
#include "message/search_text.h"
#include "message/signature.h"
#include "store/records.h"
#include "wire/imap_search.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::imap {

// A message as a condition sees it. Each is asked for only when the answer depends on it.
class SearchSubject {
public:
    virtual ~SearchSubject() = default;
    [[nodiscard]] virtual store::IndexRow const& row() const = 0;
    [[nodiscard]] virtual bool is_recent() const = 0;
    [[nodiscard]] virtual bool has_keyword(std::string_view keyword) const = 0;
    [[nodiscard]] virtual std::uint64_t size() = 0;
    [[nodiscard]] virtual core::WallTime internal_date() = 0;
    [[nodiscard]] virtual std::chrono::sys_days saved_day() = 0;    // of the save date (RFC 8514), by local time
    [[nodiscard]] virtual std::chrono::sys_days internal_day() = 0; // of local time
    [[nodiscard]] virtual message::EnvelopeView const& envelope() = 0;
    [[nodiscard]] virtual std::string_view search_text(message::SearchField field) = 0; // until the next is asked for
    [[nodiscard]] virtual std::string_view header() = 0; // the octets of the header section
    // The message's search signature (message/signature.h).
    [[nodiscard]] virtual std::string_view signature() = 0;
    // Whether the text has this needle; nothing if nobody has looked yet.
    [[nodiscard]] virtual std::optional<bool> has_needle(std::size_t needle) const = 0;
};

// A string to be looked for in the text of messages.
struct Needle {
    std::string folded;
    bool header_too; // TEXT, not BODY
};

struct Condition {
    // What has to be read to decide it.
    enum class Cost : std::uint8_t { index, message, header, text };

    struct All {};
    struct Any {};
    struct InUids {
        core::UidSet uids;
    };
    // RFC 5032; that time is both.
    struct ReceivedUntil {
        core::WallTime time;
    };
    struct ReceivedSince {
        core::WallTime time;
    };
    struct Header {
        std::string field;
        std::string folded; // empty: the field is there
        message::Grams grams;
    };
    struct SearchText {
        message::SearchField field;
        std::string folded;
    };
    struct Text {
        std::size_t needle;
        message::Grams grams;
    };

    std::variant<All, Any, wire::imap::HasFlag, wire::imap::HasEmailId, wire::imap::IsRecent, wire::imap::HasKeyword,
                 InUids, wire::imap::DateIs, ReceivedUntil, ReceivedSince, wire::imap::LargerThan,
                 wire::imap::SmallerThan, Header, SearchText, Text, wire::imap::ModSeqSince>
        what;
    std::vector<Condition> parts = {}; // of All and Any, the cheapest first
    bool negated = false;
    Cost cost = Cost::index;
};

struct SearchProgram {
    Condition root;
    std::vector<Needle> needles;
    bool asks_modseq = false; // RFC 7162 §3.1.5: the answer tells mod-sequences
};

// `now`: what OLDER and YOUNGER count from. Sequence numbers are those of now (RFC 5267 §4.3); "7:*" as UIDs goes on
// with the mailbox, for who keeps the program. Nothing: the charset is not known (RFC 3501 §6.4.4, BADCHARSET).
[[nodiscard]] std::optional<SearchProgram> compile(wire::imap::SearchKey const& key, std::string_view charset,
                                                   MailboxView const& view, core::WallTime now);

// What it takes in memory, about.
[[nodiscard]] std::size_t held_octets(SearchProgram const& program);

// Nothing: that depends on needles that nobody has looked for yet.
[[nodiscard]] std::optional<bool> holds(Condition const& condition, SearchSubject& subject);

} // namespace postern::imap
