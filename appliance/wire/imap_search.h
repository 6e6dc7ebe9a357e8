// What SEARCH asks for (RFC 3501 §6.4.4, RFC 4731, RFC 5032, RFC 5182, RFC 7162 §3.1.5, RFC 9394), as a tree. Keys that
// are shorthand for others are written out: UNSEEN is a negated HasFlag, NEW is AllOf{IsRecent, not \Seen}, FROM is
// HeaderContains "From".
#pragma once

#include "core/flags.h"
#include "core/ids.h"
#include "wire/imap_fetch.h"
#include "wire/imap_partial.h"
#include "wire/imap_sequence_set.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::wire::imap {

struct SearchKey;

// True without keys: ALL.
struct AllOf {
    std::vector<SearchKey> keys;
    friend bool operator==(AllOf const&, AllOf const&) = default;
};
// OR; two or more keys.
struct AnyOf {
    std::vector<SearchKey> keys;
    friend bool operator==(AnyOf const&, AnyOf const&) = default;
};
struct HasFlag {
    core::SystemFlag flag;
    friend bool operator==(HasFlag const&, HasFlag const&) = default;
};
struct IsRecent {
    friend bool operator==(IsRecent const&, IsRecent const&) = default;
};
struct HasKeyword {
    std::string keyword;
    friend bool operator==(HasKeyword const&, HasKeyword const&) = default;
};
struct InSequence {
    SequenceSet numbers;
    friend bool operator==(InSequence const&, InSequence const&) = default;
};
struct HasUid {
    SequenceSet uids;
    friend bool operator==(HasUid const&, HasUid const&) = default;
};
// Days without time and zone: of INTERNALDATE, of the Date field (SENT...), or of RFC 8514 (SAVED...).
struct DateIs {
    enum class Source : std::uint8_t { internal_date, date_field, save_date } source;
    enum class Relation : std::uint8_t { before, on, since } relation; // since: that day or later
    std::chrono::sys_days day;
    friend bool operator==(DateIs const&, DateIs const&) = default;
};
// RFC 5032: INTERNALDATE and the present are at least (OLDER) or at most (YOUNGER) so far apart.
struct AgeIs {
    enum class Relation : std::uint8_t { older, younger } relation;
    std::chrono::seconds age;
    friend bool operator==(AgeIs const&, AgeIs const&) = default;
};
// RFC 8474 §6; no message has the number 0, and so none an identifier that nobody was given.
struct HasEmailId {
    core::MessageId message{};
    friend bool operator==(HasEmailId const&, HasEmailId const&) = default;
};
struct LargerThan {
    std::uint64_t octets;
    friend bool operator==(LargerThan const&, LargerThan const&) = default;
};
struct SmallerThan {
    std::uint64_t octets;
    friend bool operator==(SmallerThan const&, SmallerThan const&) = default;
};
// `value` empty: the field is there. In the charset of the search, as are the next two.
struct HeaderContains {
    std::string field; // as the client spelled it; "Bcc", "Cc", "From", "Subject", "To" for the keys of these names
    std::string value;
    friend bool operator==(HeaderContains const&, HeaderContains const&) = default;
};
struct BodyContains {
    std::string value;
    friend bool operator==(BodyContains const&, BodyContains const&) = default;
};
// In the header or the body.
struct TextContains {
    std::string value;
    friend bool operator==(TextContains const&, TextContains const&) = default;
};
// RFC 7162 §3.1.5: this or greater. Mod-sequences are kept a message, so an entry-name is checked and dropped.
struct ModSeqSince {
    core::ModSeq modseq;
    friend bool operator==(ModSeqSince const&, ModSeqSince const&) = default;
};

struct SearchKey {
    static constexpr std::size_t depth_limit = 32;
    static constexpr std::size_t count_limit = 1'000; // keys in one SEARCH

    std::variant<AllOf, AnyOf, HasFlag, HasEmailId, IsRecent, HasKeyword, InSequence, HasUid, DateIs, AgeIs, LargerThan,
                 SmallerThan, HeaderContains, BodyContains, TextContains, ModSeqSince>
        condition;
    bool negated = false; // NOT

    friend bool operator==(SearchKey const&, SearchKey const&) = default;
};

// RFC 4731 §3.1, RFC 5182 §2.1, RFC 5267 §4, RFC 9394 §3.1: RETURN (...); empty parentheses mean ALL and set it.
// CONTEXT is a hint of no use here, since nothing is kept between searches but the mailbox itself.
struct SearchReturn {
    bool min = false;
    bool max = false;
    bool all = false;
    bool count = false;
    bool save = false;
    bool update = false;                      // RFC 5267 §4.3
    std::vector<FetchItem> update_items = {}; // of new messages that are added to the results (RFC 5465 §7)
    std::optional<PartialRange> partial = {}; // not beside `all`

    [[nodiscard]] bool asks() const { return min || max || all || count || partial; }
    // RFC 9051 §6.4.4: SAVE alone takes away the response that there is otherwise, also where it says nothing.
    [[nodiscard]] bool tells() const { return asks() || !save; }
    friend bool operator==(SearchReturn const&, SearchReturn const&) = default;
};

// RFC 5256 §3, RFC 5957 §3; messages that are alike in all of these stand by their numbers.
struct SortCriterion {
    enum class Key : std::uint8_t { arrival, cc, date, display_from, display_to, from, size, subject, to } key;
    bool reverse = false;
    friend bool operator==(SortCriterion const&, SortCriterion const&) = default;
};
inline constexpr std::size_t sort_criteria_limit = 20; // each may stand once forwards and once in reverse, and two more

// RFC 5256 §3; REFS: draft-ietf-morg-inthread-01 §4
enum class ThreadAlgorithm : std::uint8_t { ordered_subject, references, refs };

} // namespace postern::wire::imap
