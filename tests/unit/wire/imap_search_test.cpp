#include "imap_parsed.h"

#include <CppUTest/TestHarness.h>

#include <format>
#include <string>

namespace imap_search_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

std::string spell(SearchKey const& key);

std::string spell(std::string const& operation, std::vector<SearchKey> const& keys) {
    std::string out = "(" + operation;
    for (SearchKey const& key : keys) out += " " + spell(key);
    return out + ")";
}

std::string_view name(core::SystemFlag flag) {
    switch (flag) {
    case core::SystemFlag::seen: return "seen";
    case core::SystemFlag::answered: return "answered";
    case core::SystemFlag::flagged: return "flagged";
    case core::SystemFlag::deleted: return "deleted";
    case core::SystemFlag::draft: return "draft";
    }
    return {};
}

struct Spell {
    std::string operator()(AllOf const& all) const { return all.keys.empty() ? "all" : spell("and", all.keys); }
    std::string operator()(AnyOf const& any) const { return spell("or", any.keys); }
    std::string operator()(HasFlag const& has) const { return std::string(name(has.flag)); }
    std::string operator()(IsRecent) const { return "recent"; }
    std::string operator()(HasEmailId has) const {
        return "message=" + std::to_string(postern::core::number(has.message));
    }
    std::string operator()(HasKeyword const& has) const { return "keyword=" + has.keyword; }
    std::string operator()(InSequence const& in) const { return "number=" + in.numbers.to_string(); }
    std::string operator()(HasUid const& has) const { return "uid=" + has.uids.to_string(); }
    std::string operator()(DateIs const& date) const {
        using enum DateIs::Relation;
        return std::format("{}{}{:%F}",
                           date.source == DateIs::Source::date_field  ? "sent"
                           : date.source == DateIs::Source::save_date ? "saved"
                                                                      : "received",
                           date.relation == before ? "<" : (date.relation == on ? "=" : ">="), date.day);
    }
    std::string operator()(AgeIs const& age) const {
        return std::format("age{}{}", age.relation == AgeIs::Relation::older ? ">=" : "<=", age.age);
    }
    std::string operator()(LargerThan const& larger) const { return std::format("size>{}", larger.octets); }
    std::string operator()(SmallerThan const& smaller) const { return std::format("size<{}", smaller.octets); }
    std::string operator()(HeaderContains const& header) const { return header.field + ":" + header.value; }
    std::string operator()(BodyContains const& body) const { return "body~" + body.value; }
    std::string operator()(TextContains const& text) const { return "text~" + text.value; }
    std::string operator()(ModSeqSince const& since) const {
        return std::format("modseq>={}", core::number(since.modseq));
    }
};

std::string spell(SearchKey const& key) { return (key.negated ? "-" : "") + std::visit(Spell{}, key.condition); }

void means(std::string const& keys, char const* expected) {
    STRCMP_EQUAL(expected, spell(parsed<Search>("a SEARCH " + keys).key).c_str());
}

void malformed(std::string const& arguments, std::string const& why) {
    refused("a SEARCH" + arguments, "a BAD SEARCH: " + why);
}

} // namespace

TEST_GROUP(ImapSearch){};

// RFC 3501 §6.4.4
TEST(ImapSearch, its_own_examples) {
    means("FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"", "(and flagged received>=1994-02-01 -From:Smith)");
    means("TEXT \"string not in mailbox\"", "text~string not in mailbox");
    auto const charset = parsed<Search>("A284 SEARCH CHARSET UTF-8 TEXT {6}\r\nXXXXXX");
    STRCMP_EQUAL("UTF-8", charset.charset.value().c_str());
    STRCMP_EQUAL("text~XXXXXX", spell(charset.key).c_str());
    CHECK_FALSE(parsed<Search>("a SEARCH ALL").charset.has_value());
}

TEST(ImapSearch, flags) {
    means("ALL", "all");
    means("ANSWERED", "answered");
    means("DELETED", "deleted");
    means("DRAFT", "draft");
    means("flagged", "flagged");
    means("SEEN", "seen");
    means("UNANSWERED", "-answered");
    means("UNDELETED", "-deleted");
    means("UNDRAFT", "-draft");
    means("UNFLAGGED", "-flagged");
    means("UNSEEN", "-seen");
    means("RECENT", "recent");
    means("OLD", "-recent");
    means("NEW", "(and recent -seen)");
    means("KEYWORD $Junk", "keyword=$Junk");
    means("UNKEYWORD x", "-keyword=x");
    // RFC 8474 §6: an identifier that was never given is no message's
    means("EMAILID M4711", "message=4711");
    means("EMAILID m4711", "message=0");
    means("THREADID T64b478a75b7ea9", "message=0");
}

TEST(ImapSearch, strings) {
    means("BCC a", "Bcc:a");
    means("CC \"a b\"", "Cc:a b");
    means("FROM {2}\r\na\n", "From:a\n");
    means("SUBJECT \"\"", "Subject:");
    means("TO x", "To:x");
    means("BODY x]", "body~x]");
    means("HEADER X-Spam \"\"", "X-Spam:");
    means("HEADER \"List-Id\" a", "List-Id:a");
    means("TEXT \"\xc3\xa4\"", "text~\xc3\xa4");
    means("TEXT {1}\r\n\xe4", "text~\xe4");
}

TEST(ImapSearch, dates) {
    means("BEFORE 1-Feb-1994", "received<1994-02-01");
    means("ON 01-feb-1994", "received=1994-02-01");
    means("SINCE \"29-Feb-2024\"", "received>=2024-02-29");
    means("SENTBEFORE 1-Feb-1994", "sent<1994-02-01");
    means("SENTON 1-Feb-1994", "sent=1994-02-01");
    means("SENTSINCE 1-Feb-1994", "sent>=1994-02-01");
    means("SAVEDSINCE 28-Dec-2014", "saved>=2014-12-28"); // RFC 8514 §4.3
    malformed(" ON 30-Feb-2024", "There is no such day");
    malformed(" ON 1-2-2024", "Missing -");
    malformed(" ON 001-Jan-2024x", "Unexpected text at the end of the command");
    malformed(" ON \"1-Jan-2024", "The command ends too early, missing \"");
    malformed(" ON 1-Jan-24", "The year must have four digits");
    malformed(" ON x", "Expected a day");
    malformed(" ON", "Arguments are missing");
}

TEST(ImapSearch, numbers) {
    means("LARGER 0", "size>0");
    means("SMALLER 9223372036854775807", "size<9223372036854775807");
    means("1:3,*", "number=1:3,*");
    means("*", "number=*");
    means("UID 5:*", "uid=5:*");
    malformed(" LARGER x", "Expected a number of octets");
    malformed(" LARGER 9223372036854775808", "Too large a number: 9223372036854775808");
    malformed(" 0", "Not a sequence set: 0");
    malformed(" UID", "Arguments are missing");
}

// RFC 7162 §3.1.5
TEST(ImapSearch, mod_sequences) {
    means("MODSEQ 620162338", "modseq>=620162338");
    means("MODSEQ \"/flags/\\\\draft\" all 620162338", "modseq>=620162338");
    means("OR NOT MODSEQ 720162338 LARGER 50000", "(or -modseq>=720162338 size>50000)");
    malformed(" MODSEQ \"/foo\" all 1", "Unknown metadata entry");
    malformed(" MODSEQ \"/flags/x\" some 1", "Unknown entry type");
    malformed(" MODSEQ x", "Expected a mod-sequence");
}

TEST(ImapSearch, trees) {
    means("NOT NOT SEEN", "seen");
    means("NOT UNSEEN", "seen");
    means("NOT (SEEN FLAGGED)", "-(and seen flagged)");
    means("((SEEN))", "seen");
    means("OR SEEN OR (FLAGGED 1) NOT 2 ALL", "(and (or seen (or (and flagged number=1) -number=2)) all)");
}

// RFC 5267 §5
TEST(ImapSearch, context_options) {
    CHECK_TRUE(parsed<Search>("a SEARCH RETURN (CONTEXT COUNT) ALL").returns == (SearchReturn{.count = true}));
    CHECK_TRUE(parsed<Search>("a UID SEARCH RETURN (UPDATE) ALL").returns == (SearchReturn{.update = true}));
    CHECK_TRUE(parsed<Search>("a SEARCH RETURN (UPDATE CONTEXT) ALL").returns->tells());
    CHECK_TRUE(parsed<Sort>("a SORT RETURN (UPDATE PARTIAL 1:500) (DATE) UTF-8 ALL").search.returns->update);
    auto const update = parsed<Search>("a SEARCH RETURN (COUNT UPDATE (UID FLAGS) CONTEXT) ALL").returns; // RFC 5465 §8
    CHECK_TRUE(
        update ==
        (SearchReturn{.count = true, .update = true, .update_items = {FetchAttribute::uid, FetchAttribute::flags}}));
    auto const cancel = parsed<CancelUpdate>("B04 CANCELUPDATE \"B01\" \"B02\"");
    LONGS_EQUAL(2, cancel.tags.size());
    STRCMP_EQUAL("B02", cancel.tags[1].c_str());
}

// RFC 7377 §4, RFC 5465 §8
TEST(ImapSearch, several_mailboxes) {
    using Kind = MailboxFilter::Kind;
    auto const esearch = parsed<Esearch>("tag1 ESEARCH IN (mailboxes \"folder1\" subtree (\"folder2\" INBOX)) unseen");
    CHECK_TRUE(esearch.sources ==
               (std::vector<MailboxFilter>{{Kind::mailboxes, {"folder1"}}, {Kind::subtree, {"folder2", "INBOX"}}}));
    STRCMP_EQUAL("-seen", spell(esearch.search.key).c_str());
    CHECK_TRUE(esearch.search.uid && esearch.search.returns->all);
    auto const other = parsed<Esearch>("a ESEARCH IN (Inboxes PERSONAL subscribed selected subtree-one \"\") "
                                       "RETURN (COUNT) CHARSET UTF-8 ALL");
    LONGS_EQUAL(5, other.sources.size());
    CHECK_TRUE(other.search.returns == (SearchReturn{.count = true}));
    STRCMP_EQUAL("UTF-8", other.search.charset.value().c_str());
    CHECK_TRUE(parsed<Esearch>("a ESEARCH RETURN (MIN) ALL").sources.empty());
}

// RFC 4731 §3.1
TEST(ImapSearch, return_options) {
    auto const some = parsed<Search>("A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"");
    CHECK_TRUE(some.returns == (SearchReturn{.min = true, .max = false, .all = false, .count = true, .save = false}));
    auto const none = parsed<Search>("A283 UID SEARCH RETURN () CHARSET utf-8 FLAGGED");
    CHECK_TRUE(none.returns == (SearchReturn{.min = false, .max = false, .all = true, .count = false, .save = false}));
    CHECK_TRUE(none.uid);
    STRCMP_EQUAL("utf-8", none.charset.value().c_str());
    CHECK_TRUE(parsed<Search>("a SEARCH RETURN (MAX ALL) ALL").returns->max);
    CHECK_FALSE(parsed<Search>("a SEARCH ALL").returns.has_value());
    malformed(" RETURN (FOO) ALL", "Unknown or repeated return option FOO");
    malformed(" RETURN ALL", "Missing (");
    malformed(" RETURN (ALL)", "Arguments are missing");
}

// RFC 5182 §2.1
TEST(ImapSearch, what_was_saved) {
    auto const saves = parsed<Search>("A282 SEARCH RETURN (SAVE) FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"");
    CHECK_TRUE(saves.returns->save);
    CHECK_FALSE(saves.returns->tells());
    CHECK_TRUE(parsed<Search>("a SEARCH RETURN (SAVE MIN) ALL").returns->tells());
    means("UID $ SMALLER 4096", "(and uid=$ size<4096)");
    means("$", "number=$");
    means("OR $ 1,3000:3021 TEXT {8}\r\nfoobar12", "(and (or number=$ number=1,3000:3021) text~foobar12)");
    CHECK_TRUE(parsed<Fetch>("A283 FETCH $ (UID)").messages.is_saved());
    CHECK_TRUE(parsed<Store>("a UID STORE $ FLAGS ()").messages.is_saved());
    CHECK_TRUE(parsed<Move>("F284 UID MOVE $ \"Other Messages\"").messages.is_saved());
    malformed(" 1,$", "Not a sequence set: 1,$");
    malformed(" $:5", "Not a sequence set: $:5");
    malformed(" $$", "Not a sequence set: $$");
}

// RFC 5032 §5
TEST(ImapSearch, ages) {
    means("UNSEEN YOUNGER 259200", "(and -seen age<=259200s)");
    means("OLDER 1", "age>=1s");
    malformed(" OLDER 0", "The interval must not be 0");
    malformed(" YOUNGER -1", "Expected a number of seconds");
    malformed(" OLDER 4294967296", "Too large a number: 4294967296");
}

// RFC 9394 §4
TEST(ImapSearch, pages) {
    auto const first = parsed<Search>("A01 UID SEARCH RETURN (PARTIAL 1:500 SAVE) UNDELETED");
    CHECK_TRUE(first.returns->partial == (PartialRange{1, 500, false}));
    auto const last = parsed<Search>("A04 UID SEARCH RETURN (PARTIAL -1:-100) UNDELETED UNKEYWORD $Junk");
    CHECK_TRUE(last.returns->partial == (PartialRange{1, 100, true}));
    CHECK_TRUE(parsed<Fetch>("10 UID FETCH 25900:26600 (UID FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 98305)").partial ==
               (PartialRange{1, 30, true}));
    malformed(" RETURN (PARTIAL 1:5 ALL) ALL", "PARTIAL and ALL exclude each other");
    malformed(" RETURN (PARTIAL 1:5 PARTIAL 6:9) ALL", "Unknown or repeated return option PARTIAL");
    for (std::string const range : {"", " 0:5", " 1:*", " -1:5", " 1:-5", " 5", " \"1:5\"", " 1:4294967296", " -0:-1"})
        CHECK_FALSE(parse_command(framed("a SEARCH RETURN (PARTIAL" + range + ") ALL"), false).has_value());
}

TEST(ImapSearch, a_page_is_places_among_what_is_found) {
    auto const places = [](PartialRange range, std::size_t count) {
        auto const [begin, end] = range.of(count);
        return std::format("{}-{}", begin, end);
    };
    STRCMP_EQUAL("0-2", places({1, 2, false}, 5).c_str());
    STRCMP_EQUAL("1-4", places({4, 2, false}, 5).c_str());
    STRCMP_EQUAL("4-5", places({5, 9, false}, 5).c_str());
    STRCMP_EQUAL("5-5", places({6, 9, false}, 5).c_str());
    STRCMP_EQUAL("3-5", places({1, 2, true}, 5).c_str());
    STRCMP_EQUAL("0-2", places({4, 9, true}, 5).c_str());
    STRCMP_EQUAL("0-0", places({6, 9, true}, 5).c_str());
    STRCMP_EQUAL("0-0", places({1, 4294967295, true}, 0).c_str());
}

TEST(ImapSearch, malformed_searches_are_bad) {
    malformed("", "Arguments are missing");
    malformed(" ", "Unknown search key");
    malformed(" FOO", "Unknown search key FOO");
    malformed(" ALL ", "Unknown search key");
    malformed(" ()", "Unknown search key");
    malformed(" (ALL", "The command ends too early, missing )");
    malformed(" ALL)", "Unexpected text at the end of the command");
    malformed(" NOT", "Arguments are missing");
    malformed(" OR SEEN", "Arguments are missing");
    malformed(" HEADER x", "Arguments are missing");
    malformed(" FROM (x)", "Expected an atom or a string");
    malformed(" KEYWORD \\Seen", "Expected a keyword");
    malformed(" CHARSET", "Arguments are missing");
    malformed(" CHARSET utf-8", "Arguments are missing");
    malformed(" SEEN1", "Unexpected text at the end of the command");
}

TEST(ImapSearch, depth_and_count_are_bounded) {
    auto const nested = [](std::size_t depth, std::string const& open, std::string const& close) {
        std::string out = " ";
        for (std::size_t i = 0; i < depth; ++i) out += open;
        out += "ALL";
        for (std::size_t i = 0; i < depth; ++i) out += close;
        return out;
    };
    parsed<Search>("a SEARCH" + nested(SearchKey::depth_limit, "(", ")"));
    malformed(nested(SearchKey::depth_limit + 1, "(", ")"), "The search is nested too deeply");
    malformed(nested(10'000, "(", ")"), "The search is nested too deeply");
    malformed(nested(10'000, "NOT ", ""), "The search is nested too deeply");
    malformed(nested(9'000, "OR ALL ", ""), "The search is nested too deeply");
    parsed<Search>("a SEARCH ALL" + nested(SearchKey::count_limit - 2, "ALL ", ""));
    malformed(nested(SearchKey::count_limit, "ALL ", ""), "The search has too many keys");
}

// RFC 5256 §3, RFC 5957 §3, RFC 5267 §3
TEST(ImapSearch, sort) {
    auto const first = parsed<Sort>("A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994");
    CHECK_TRUE(first.criteria == (std::vector<SortCriterion>{{SortCriterion::Key::subject}}));
    STRCMP_EQUAL("UTF-8", first.search.charset.value().c_str());
    STRCMP_EQUAL("received>=1994-02-01", spell(first.search.key).c_str());
    auto const second = parsed<Sort>("A283 UID SORT (SUBJECT REVERSE DATE) UTF-8 ALL");
    CHECK_TRUE(second.criteria ==
               (std::vector<SortCriterion>{{SortCriterion::Key::subject}, {SortCriterion::Key::date, true}}));
    CHECK_TRUE(second.search.uid);
    auto const third = parsed<Sort>("A284 SORT (SUBJECT) US-ASCII TEXT \"not in mailbox\"");
    STRCMP_EQUAL("text~not in mailbox", spell(third.search.key).c_str());
    auto const display =
        parsed<Sort>("a SORT RETURN (COUNT PARTIAL 1:5) (reverse displayfrom DISPLAYTO) \"utf-8\" 1:*");
    CHECK_TRUE(display.criteria == (std::vector<SortCriterion>{{SortCriterion::Key::display_from, true},
                                                               {SortCriterion::Key::display_to}}));
    CHECK_TRUE(display.search.returns->count && display.search.returns->partial);
    refused("a SORT () UTF-8 ALL", "a BAD SORT: Expected a sort criterion");
    refused("a SORT (REVERSE) UTF-8 ALL", "a BAD SORT: A space is missing");
    refused("a SORT (COLOUR) UTF-8 ALL", "a BAD SORT: Unknown sort criterion COLOUR");
    refused("a SORT DATE UTF-8 ALL", "a BAD SORT: Missing (");
    refused("a SORT (DATE) ALL", "a BAD SORT: Arguments are missing");
    std::string many = "a SORT (DATE";
    for (std::size_t i = 0; i < sort_criteria_limit; ++i) many += " DATE";
    refused(many + ") UTF-8 ALL", "a BAD SORT: Too many sort criteria");
}

// RFC 5256 §3
TEST(ImapSearch, thread) {
    auto const first = parsed<Thread>("A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000");
    CHECK_TRUE(first.algorithm == ThreadAlgorithm::ordered_subject);
    STRCMP_EQUAL("received>=2000-03-05", spell(first.search.key).c_str());
    auto const second = parsed<Thread>("A284 UID THREAD references US-ASCII TEXT \"gewp\"");
    CHECK_TRUE(second.algorithm == ThreadAlgorithm::references && second.search.uid);
    CHECK_TRUE(parsed<Thread>("a THREAD REFS utf-8 ALL").algorithm == ThreadAlgorithm::refs);
    refused("a THREAD FAMILY UTF-8 ALL", "a BAD THREAD: Unknown threading algorithm FAMILY");
    refused("a THREAD REFS UTF-8", "a BAD THREAD: Arguments are missing");
}

} // namespace imap_search_test
