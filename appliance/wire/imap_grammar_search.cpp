// SEARCH, SORT, THREAD and ESEARCH: search-key and its program (RFC 3501 §9, RFC 4466 §2.6, RFC 4731, RFC 5032,
// RFC 5182, RFC 5256, RFC 5267 §5, RFC 7162 §7, RFC 7377 §4, RFC 9394).
#include "text/ascii.h"
#include "wire/imap_grammar.h"
#include "wire/imap_object_id.h"

#include <limits>
#include <utility>

namespace postern::wire::imap {

namespace {

using core::SystemFlag;

// The keys of one SEARCH: counted, so that the tree is bounded.
struct Program {
    Cursor& in;
    std::size_t keys = 0;
};

SearchKey parse_key(Program& program, std::size_t depth);

SearchKey negate(SearchKey key) {
    key.negated = !key.negated;
    return key;
}

// The string after a key: SP astring
std::string argument(Cursor& in) {
    in.space();
    return in.astring();
}

template <SystemFlag flag> SearchKey has_flag(Cursor&) { return {HasFlag{flag}}; }

template <SystemFlag flag> SearchKey lacks_flag(Cursor&) { return {HasFlag{flag}, true}; }

SearchKey is_new(Cursor&) {
    SearchKey key{AllOf{}};
    auto& both = std::get<AllOf>(key.condition).keys;
    both.push_back({IsRecent{}});
    both.push_back({HasFlag{SystemFlag::seen}, true});
    return key;
}

SearchKey keyword(Cursor& in) {
    in.space();
    return {HasKeyword{std::string(in.atom("a keyword"))}};
}

template <DateIs::Source source, DateIs::Relation relation> SearchKey date(Cursor& in) {
    in.space();
    bool const quoted = in.accept('"');
    DateIs const key{source, relation, parse_date(in)};
    if (quoted) in.expect('"');
    return {key};
}

// RFC 5032 §4: an interval of seconds, nz-number
template <AgeIs::Relation relation> SearchKey age(Cursor& in) {
    in.space();
    auto const seconds = in.number(std::numeric_limits<std::uint32_t>::max(), "a number of seconds");
    if (seconds == 0) in.fail("The interval must not be 0");
    return {AgeIs{relation, std::chrono::seconds(seconds)}};
}

std::uint64_t octets(Cursor& in) {
    in.space();
    return in.number(std::numeric_limits<std::int64_t>::max(), "a number of octets");
}

SearchKey header(Cursor& in) {
    std::string field = argument(in);
    return {HeaderContains{std::move(field), argument(in)}};
}

SearchKey uid(Cursor& in) {
    in.space();
    return {HasUid{parse_sequence_set(in)}};
}

// RFC 7162 §3.1.5: "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer
SearchKey modseq(Cursor& in) {
    in.space();
    if (in.peek() == '"') {
        std::string const entry = in.string();
        if (!entry.starts_with("/flags/")) in.fail("Unknown metadata entry");
        in.space();
        if (!in.accept_word("priv") && !in.accept_word("shared") && !in.accept_word("all"))
            in.fail("Unknown entry type");
        in.space();
    }
    return {ModSeqSince{parse_modseq(in)}};
}

// RFC 8474 §7: objectid = 1*255(ALPHA / DIGIT / "_" / "-")
std::string_view object_id(Cursor& in) {
    in.space();
    std::string_view const id = in.take_while([](char c) { return text::is_alnum(c) || c == '_' || c == '-'; });
    if (id.empty() || id.size() > 255) in.fail("Expected an object identifier");
    return id;
}

SearchKey email_id(Cursor& in) { return {HasEmailId{parse_email_id(object_id(in)).value_or(core::MessageId{0})}}; }

struct KeyRow {
    std::string_view name;
    SearchKey (*parse)(Cursor& in);
};

using Source = DateIs::Source;
using Relation = DateIs::Relation;

constexpr KeyRow key_rows[] = {
    {"ALL", [](Cursor&) { return SearchKey{}; }},
    {"ANSWERED", has_flag<SystemFlag::answered>},
    {"BCC", [](Cursor& in) { return SearchKey{HeaderContains{"Bcc", argument(in)}}; }},
    {"BEFORE", date<Source::internal_date, Relation::before>},
    {"BODY", [](Cursor& in) { return SearchKey{BodyContains{argument(in)}}; }},
    {"CC", [](Cursor& in) { return SearchKey{HeaderContains{"Cc", argument(in)}}; }},
    {"DELETED", has_flag<SystemFlag::deleted>},
    {"DRAFT", has_flag<SystemFlag::draft>},
    {"EMAILID", email_id},
    {"FLAGGED", has_flag<SystemFlag::flagged>},
    {"FROM", [](Cursor& in) { return SearchKey{HeaderContains{"From", argument(in)}}; }},
    {"HEADER", header},
    {"KEYWORD", keyword},
    {"LARGER", [](Cursor& in) { return SearchKey{LargerThan{octets(in)}}; }},
    {"MODSEQ", modseq},
    {"NEW", is_new},
    {"OLD", [](Cursor&) { return SearchKey{IsRecent{}, true}; }},
    {"OLDER", age<AgeIs::Relation::older>},
    {"ON", date<Source::internal_date, Relation::on>},
    {"RECENT", [](Cursor&) { return SearchKey{IsRecent{}}; }},
    {"SAVEDATESUPPORTED", [](Cursor&) { return SearchKey{}; }},
    {"SAVEDBEFORE", date<Source::save_date, Relation::before>},
    {"SAVEDON", date<Source::save_date, Relation::on>},
    {"SAVEDSINCE", date<Source::save_date, Relation::since>},
    {"SEEN", has_flag<SystemFlag::seen>},
    {"SENTBEFORE", date<Source::date_field, Relation::before>},
    {"SENTON", date<Source::date_field, Relation::on>},
    {"SENTSINCE", date<Source::date_field, Relation::since>},
    {"SINCE", date<Source::internal_date, Relation::since>},
    {"SMALLER", [](Cursor& in) { return SearchKey{SmallerThan{octets(in)}}; }},
    {"SUBJECT", [](Cursor& in) { return SearchKey{HeaderContains{"Subject", argument(in)}}; }},
    {"TEXT", [](Cursor& in) { return SearchKey{TextContains{argument(in)}}; }},
    {"THREADID", [](Cursor& in) { return (void)object_id(in), SearchKey{HasEmailId{}}; }}, // none is known
    {"TO", [](Cursor& in) { return SearchKey{HeaderContains{"To", argument(in)}}; }},
    {"UID", uid},
    {"UNANSWERED", lacks_flag<SystemFlag::answered>},
    {"UNDELETED", lacks_flag<SystemFlag::deleted>},
    {"UNDRAFT", lacks_flag<SystemFlag::draft>},
    {"UNFLAGGED", lacks_flag<SystemFlag::flagged>},
    {"UNKEYWORD", [](Cursor& in) { return negate(keyword(in)); }},
    {"UNSEEN", lacks_flag<SystemFlag::seen>},
    {"YOUNGER", age<AgeIs::Relation::younger>},
};

// search-key *(SP search-key): all of them must hold.
SearchKey parse_keys(Program& program, std::size_t depth) {
    AllOf all;
    do {
        all.keys.push_back(parse_key(program, depth));
    } while (program.in.accept(' '));
    if (all.keys.size() == 1) return std::move(all.keys.front());
    return {std::move(all)};
}

SearchKey parse_either(Program& program, std::size_t depth) {
    AnyOf any;
    for (int i = 0; i < 2; ++i) {
        program.in.space();
        any.keys.push_back(parse_key(program, depth));
    }
    return {std::move(any)};
}

SearchKey parse_key(Program& program, std::size_t depth) {
    Cursor& in = program.in;
    if (depth > SearchKey::depth_limit) in.fail("The search is nested too deeply");
    if (++program.keys > SearchKey::count_limit) in.fail("The search has too many keys");
    if (in.accept('(')) {
        SearchKey key = parse_keys(program, depth + 1);
        in.expect(')');
        return key;
    }
    if (text::is_digit(in.peek()) || in.peek() == '*' || in.peek() == '$') return {InSequence{parse_sequence_set(in)}};
    std::string_view const name = in.take_while(text::is_alpha);
    if (text::iequals(name, "NOT")) {
        in.space();
        return negate(parse_key(program, depth + 1));
    }
    if (text::iequals(name, "OR")) return parse_either(program, depth + 1);
    for (KeyRow const& row : key_rows)
        if (text::iequals(name, row.name)) return row.parse(in);
    in.fail("Unknown search key", name);
    return {};
}

// RFC 4731 §3.1, RFC 5267 §5, RFC 9394 §4: "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")", after the
// word; RFC 5465 §8: modifier-update = "UPDATE" [SP "(" fetch-att *(SP fetch-att) ")"]
SearchReturn parse_returns(Cursor& in) {
    SearchReturn returns;
    in.space();
    in.expect('(');
    if (in.accept(')')) {
        returns.all = true;
        return returns;
    }
    for (bool more = true; more;) {
        std::string_view const option = in.atom("a return option");
        bool const updates = text::iequals(option, "UPDATE");
        if (text::iequals(option, "MIN"))
            returns.min = true;
        else if (text::iequals(option, "MAX"))
            returns.max = true;
        else if (text::iequals(option, "ALL"))
            returns.all = true;
        else if (text::iequals(option, "COUNT"))
            returns.count = true;
        else if (text::iequals(option, "SAVE"))
            returns.save = true;
        else if (updates)
            returns.update = true;
        else if (text::iequals(option, "PARTIAL") && !returns.partial) {
            in.space();
            returns.partial = parse_partial_range(in);
        } else if (!text::iequals(option, "CONTEXT"))
            in.fail("Unknown or repeated return option", option);
        more = in.accept(' ');
        if (more && updates && in.accept('(')) {
            returns.update_items = parse_fetch_attributes(in);
            more = in.accept(' ');
        }
    }
    in.expect(')');
    if (returns.partial && returns.all) in.fail("PARTIAL and ALL exclude each other"); // RFC 9394 §3.1
    return returns;
}

// search-key *(SP search-key), to the end
SearchKey parse_program(Cursor& in) {
    Program program{in};
    return parse_keys(program, 0);
}

// [search-return-opts SP] ["CHARSET" SP charset SP] search-key *(SP search-key)
Search parse_search_from_returns(Cursor& in, bool uid) {
    Search search;
    search.uid = uid;
    if (in.accept_word("RETURN")) {
        search.returns = parse_returns(in);
        in.space();
    }
    if (in.accept_word("CHARSET")) {
        search.charset = argument(in);
        in.space();
    }
    search.key = parse_program(in);
    return search;
}

struct CriterionName {
    std::string_view name;
    SortCriterion::Key key;
};

constexpr CriterionName criteria[] = {
    {"ARRIVAL", SortCriterion::Key::arrival},
    {"CC", SortCriterion::Key::cc},
    {"DATE", SortCriterion::Key::date},
    {"DISPLAYFROM", SortCriterion::Key::display_from},
    {"DISPLAYTO", SortCriterion::Key::display_to},
    {"FROM", SortCriterion::Key::from},
    {"SIZE", SortCriterion::Key::size},
    {"SUBJECT", SortCriterion::Key::subject},
    {"TO", SortCriterion::Key::to},
};

// RFC 5256 §5: sort-criterion = ["REVERSE" SP] sort-key
SortCriterion parse_criterion(Cursor& in) {
    bool const reverse = in.accept_word("REVERSE");
    if (reverse) in.space();
    std::string_view const name = in.atom("a sort criterion");
    for (CriterionName const& known : criteria)
        if (text::iequals(name, known.name)) return {known.key, reverse};
    in.fail("Unknown sort criterion", name);
    return {};
}

} // namespace

// RFC 4466 §2.6.1: search = "SEARCH" [search-return-opts] SP ["CHARSET" SP charset SP] search-key *(SP search-key)
Search parse_search(Cursor& in, bool uid) {
    in.space();
    return parse_search_from_returns(in, uid);
}

// RFC 7377 §4: esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
Esearch parse_esearch(Cursor& in) {
    Esearch esearch;
    in.space();
    if (in.accept_word("IN")) {
        in.space();
        in.expect('(');
        do {
            if (in.peek() == '(') in.fail("Unknown scope option");
            esearch.sources.push_back(parse_mailbox_filter(in));
            if (esearch.sources.back().kind == MailboxFilter::Kind::selected_delayed)
                in.fail("selected-delayed is for NOTIFY"); // §2.2
        } while (in.accept(' '));
        in.expect(')');
        in.space();
    }
    esearch.search = parse_search_from_returns(in, true);
    if (!esearch.search.returns) esearch.search.returns.emplace().all = true; // §2.1
    return esearch;
}

// RFC 5256 §5: sort = ["UID" SP] "SORT" SP sort-criteria SP charset SP search-key *(SP search-key); RFC 5267 §3: return
// options before the criteria
Sort parse_sort(Cursor& in, bool uid) {
    Sort sort;
    sort.search.uid = uid;
    in.space();
    if (in.accept_word("RETURN")) {
        sort.search.returns = parse_returns(in);
        in.space();
    }
    in.expect('(');
    do {
        sort.criteria.push_back(parse_criterion(in));
        if (sort.criteria.size() > sort_criteria_limit) in.fail("Too many sort criteria");
    } while (in.accept(' '));
    in.expect(')');
    sort.search.charset = argument(in);
    in.space();
    sort.search.key = parse_program(in);
    return sort;
}

// RFC 5256 §5: thread = ["UID" SP] "THREAD" SP thread-alg SP charset SP search-key *(SP search-key)
Thread parse_thread(Cursor& in, bool uid) {
    Thread thread;
    thread.search.uid = uid;
    in.space();
    std::string_view const name = in.atom("a threading algorithm");
    if (text::iequals(name, "ORDEREDSUBJECT"))
        thread.algorithm = ThreadAlgorithm::ordered_subject;
    else if (text::iequals(name, "REFERENCES"))
        thread.algorithm = ThreadAlgorithm::references;
    else if (text::iequals(name, "REFS"))
        thread.algorithm = ThreadAlgorithm::refs;
    else
        in.fail("Unknown threading algorithm", name);
    thread.search.charset = argument(in);
    in.space();
    thread.search.key = parse_program(in);
    return thread;
}

} // namespace postern::wire::imap
