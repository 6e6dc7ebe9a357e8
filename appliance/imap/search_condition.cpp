#include "imap/search_condition.h"

#include "imap/messages.h"
#include "message/date.h"
#include "message/encoded_word.h"
#include "message/text_folder.h"
#include "text/ascii.h"
#include "text/charset.h"
#include "text/utf8.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace postern::imap {

using namespace std::chrono;

namespace {

template <typename... Case> struct overloaded : Case... {
    using Case::operator()...;
};

// The header fields that ENVELOPE keeps as they are.
bool is_in_envelope(std::string_view field) {
    return text::iequals(field, "Message-Id") || text::iequals(field, "In-Reply-To");
}

class Compiler {
public:
    Compiler(std::string_view charset, MailboxView const& view, core::WallTime now, SearchProgram& program)
        : charset_(charset), view_(view), now_(now), program_(program) {}

    Condition compile(wire::imap::SearchKey const& key) {
        Condition condition = std::visit([&](auto const& what) { return make(what); }, key.condition);
        condition.negated = key.negated;
        return condition;
    }

private:
    using Cost = Condition::Cost;

    Condition make(wire::imap::AllOf const& all) { return group(Condition::All{}, all.keys); }
    Condition make(wire::imap::AnyOf const& any) { return group(Condition::Any{}, any.keys); }
    Condition make(wire::imap::HasFlag const& key) { return {.what = key}; }
    Condition make(wire::imap::HasEmailId const& key) { return {.what = key}; }
    Condition make(wire::imap::IsRecent const& key) { return {.what = key}; }
    Condition make(wire::imap::HasKeyword const& key) { return {.what = key}; }
    Condition make(wire::imap::InSequence const& key) {
        return {.what = Condition::InUids{uids_of(view_, key.numbers, false)}};
    }
    Condition make(wire::imap::HasUid const& key) {
        core::UidSet uids = uids_of(view_, key.uids, true);
        std::uint32_t const last = core::number(view_.numbers().last().value_or(core::Uid{0}));
        for (auto const& [from, to] : key.uids.ranges())
            if ((from == wire::imap::SequenceSet::star) != (to == wire::imap::SequenceSet::star))
                uids.add_range(std::max({from, to, last, 1U}), std::numeric_limits<std::uint32_t>::max());
        return {.what = Condition::InUids{std::move(uids)}};
    }
    Condition make(wire::imap::DateIs const& key) { return {.what = key, .cost = Cost::message}; }
    Condition make(wire::imap::AgeIs const& key) {
        core::WallTime const time = now_ - key.age;
        if (key.relation == wire::imap::AgeIs::Relation::older)
            return {.what = Condition::ReceivedUntil{time}, .cost = Cost::message};
        return {.what = Condition::ReceivedSince{time}, .cost = Cost::message};
    }
    Condition make(wire::imap::LargerThan const& key) { return {.what = key, .cost = Cost::message}; }
    Condition make(wire::imap::SmallerThan const& key) { return {.what = key, .cost = Cost::message}; }
    Condition make(wire::imap::HeaderContains const& key) {
        std::string folded = fold(key.value);
        if (folded.empty()) return {.what = Condition::Header{key.field, {}, message::Grams({})}, .cost = Cost::header};
        message::Grams grams(folded);
        Condition in_header{.what = Condition::Header{key.field, folded, std::move(grams)},
                            .cost = is_in_envelope(key.field) ? Cost::message : Cost::header};
        auto const field = message::search_field(key.field);
        if (!field) return in_header;
        Condition in_text{.what = Condition::SearchText{*field, folded}, .cost = Cost::message};
        // What stands between addresses and around names is in the field alone, which HEADER asks for (RFC 9051
        // §6.4.4); but a name may have it, too.
        if (*field == message::SearchField::subject || folded.find_first_of("\",:;()\\") == std::string::npos)
            return in_text;
        Condition either{.what = Condition::Any{}, .cost = Cost::header};
        either.parts.push_back(std::move(in_text));
        either.parts.push_back(std::move(in_header));
        return either;
    }
    Condition make(wire::imap::BodyContains const& key) { return needle(key.value, false); }
    Condition make(wire::imap::TextContains const& key) { return needle(key.value, true); }
    Condition make(wire::imap::ModSeqSince const& key) {
        program_.asks_modseq = true;
        return {.what = key};
    }

    Condition group(auto kind, std::vector<wire::imap::SearchKey> const& keys) {
        Condition condition{.what = kind};
        for (wire::imap::SearchKey const& key : keys) condition.parts.push_back(compile(key));
        std::ranges::stable_sort(condition.parts, {}, &Condition::cost);
        if (!condition.parts.empty()) condition.cost = condition.parts.back().cost;
        return condition;
    }

    Condition needle(std::string_view value, bool header_too) {
        std::string folded = fold(value);
        message::Grams grams(folded);
        program_.needles.push_back({std::move(folded), header_too});
        return {.what = Condition::Text{program_.needles.size() - 1, std::move(grams)}, .cost = Cost::text};
    }

    // Without a charset strings are US-ASCII; clients that send UTF-8 all the same are understood.
    std::string fold(std::string_view value) const {
        if (text::is_utf8(value)) return message::fold(value);
        return message::fold(text::charset_to_utf8(charset_, value));
    }

    std::string_view charset_;
    MailboxView const& view_;
    core::WallTime now_;
    SearchProgram& program_;
};

std::size_t held_octets(Condition const& condition) {
    std::size_t octets = std::visit(
        overloaded{
            [](wire::imap::HasKeyword const& key) { return key.keyword.size(); },
            [](Condition::InUids const& key) { return key.uids.ranges().size() * sizeof(core::UidSet::Range); },
            [](Condition::Header const& key) { return key.field.size() + 3 * key.folded.size(); }, // with its grams
            [](Condition::SearchText const& key) { return key.folded.size(); },
            [](auto const&) { return std::size_t{0}; },
        },
        condition.what);
    for (Condition const& part : condition.parts) octets += held_octets(part);
    return sizeof condition + octets;
}

bool text_has(std::string_view raw, std::string_view folded) {
    return message::fold(message::decode_words(raw)).contains(folded);
}

bool header_holds(Condition::Header const& key, Condition::Cost cost, SearchSubject& subject) {
    if (cost == Condition::Cost::message) {
        message::EnvelopeView const& envelope = subject.envelope();
        auto const& value = text::iequals(key.field, "Message-Id") ? envelope.message_id : envelope.in_reply_to;
        return value && text_has(*value, key.folded);
    }
    if (!key.grams.may_be_in(subject.signature())) return false;
    for (message::Field const& field : message::HeaderSection(subject.header()))
        if (text::iequals(field.name, key.field) &&
            (key.folded.empty() || text_has(message::unfold(field.raw_body), key.folded)))
            return true;
    return false;
}

bool day_holds(wire::imap::DateIs const& key, SearchSubject& subject) {
    sys_days day;
    if (key.source == wire::imap::DateIs::Source::internal_date) {
        day = subject.internal_day();
    } else if (key.source == wire::imap::DateIs::Source::save_date) {
        day = subject.saved_day();
    } else {
        // RFC 3501 §6.4.4: the day that the sender's calendar showed, "disregarding time and timezone".
        auto const& written = subject.envelope().date;
        auto const date = written ? message::parse_date(*written) : std::nullopt;
        if (!date) return false;
        day = floor<days>(date->utc + date->offset);
    }
    switch (key.relation) {
    case wire::imap::DateIs::Relation::before: return day < key.day;
    case wire::imap::DateIs::Relation::on: return day == key.day;
    case wire::imap::DateIs::Relation::since: return day >= key.day;
    }
    std::unreachable();
}

// True if `stops` is the answer of one part, else the other answer; unknown if a part might still be `stops`.
std::optional<bool> fold_parts(std::vector<Condition> const& parts, SearchSubject& subject, bool stops) {
    bool unknown = false;
    for (Condition const& part : parts) {
        auto const answer = holds(part, subject);
        if (answer == stops) return stops;
        unknown = unknown || !answer;
    }
    if (unknown) return std::nullopt;
    return !stops;
}

} // namespace

std::optional<SearchProgram> compile(wire::imap::SearchKey const& key, std::string_view charset,
                                     MailboxView const& view, core::WallTime now) {
    if (!text::charset_known(charset)) return std::nullopt;
    SearchProgram program;
    program.root = Compiler(charset, view, now, program).compile(key);
    return program;
}

std::size_t held_octets(SearchProgram const& program) {
    std::size_t octets = held_octets(program.root);
    for (Needle const& needle : program.needles) octets += sizeof needle + 3 * needle.folded.size(); // with its grams
    return octets;
}

std::optional<bool> holds(Condition const& condition, SearchSubject& subject) {
    using Verdict = std::optional<bool>;
    Verdict const answer = std::visit(
        overloaded{
            [&](Condition::All) { return fold_parts(condition.parts, subject, false); },
            [&](Condition::Any) { return fold_parts(condition.parts, subject, true); },
            [&](wire::imap::HasFlag key) -> Verdict { return subject.row().flags.has(key.flag); },
            [&](wire::imap::HasEmailId key) -> Verdict { return subject.row().message == key.message; },
            [&](wire::imap::IsRecent) -> Verdict { return subject.is_recent(); },
            [&](wire::imap::HasKeyword const& key) -> Verdict { return subject.has_keyword(key.keyword); },
            [&](Condition::InUids const& key) -> Verdict { return key.uids.contains(subject.row().uid); },
            [&](wire::imap::DateIs const& key) -> Verdict { return day_holds(key, subject); },
            [&](Condition::ReceivedUntil key) -> Verdict { return subject.internal_date() <= key.time; },
            [&](Condition::ReceivedSince key) -> Verdict { return subject.internal_date() >= key.time; },
            [&](wire::imap::LargerThan key) -> Verdict { return subject.size() > key.octets; },
            [&](wire::imap::SmallerThan key) -> Verdict { return subject.size() < key.octets; },
            [&](Condition::Header const& key) -> Verdict { return header_holds(key, condition.cost, subject); },
            [&](Condition::SearchText const& key) -> Verdict {
                std::string_view const text = subject.search_text(key.field);
                return key.folded.contains(' ')
                           ? message::fold_spaces(text).contains(key.folded) // rarely more than one
                           : text.contains(key.folded);
            },
            [&](Condition::Text const& key) -> Verdict {
                if (auto const known = subject.has_needle(key.needle)) return known;
                if (!key.grams.may_be_in(subject.signature())) return false;
                return std::nullopt;
            },
            [&](wire::imap::ModSeqSince key) -> Verdict { return subject.row().modseq >= key.modseq; },
        },
        condition.what);
    if (!answer) return std::nullopt;
    return *answer != condition.negated;
}

} // namespace postern::imap
