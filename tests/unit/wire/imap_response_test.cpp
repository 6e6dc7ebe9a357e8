#include "wire/imap_response.h"

#include <CppUTest/TestHarness.h>

#include <array>
#include <chrono>
#include <string>

namespace imap_response_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

// What a function of this header appends, compared with an expectation.
template <typename Put, typename... Arguments> void says(char const* expected, Put put, Arguments&&... arguments) {
    std::string out = "before ";
    put(out, std::forward<Arguments>(arguments)...);
    STRCMP_EQUAL((std::string("before ") + expected).c_str(), out.c_str());
}

std::string string_of(std::string_view octets) {
    std::string out;
    put_string(out, octets);
    return out;
}

std::string astring_of(std::string_view octets) {
    std::string out;
    put_astring(out, octets);
    return out;
}

core::UidSet uids(std::initializer_list<std::uint32_t> numbers) {
    core::UidSet set;
    for (std::uint32_t const number : numbers) set.add(core::Uid{number});
    return set;
}

} // namespace

TEST_GROUP(ImapResponse){};

// RFC 3501 §7.1
// RFC 7162 §3.2.10
// RFC 9208 §4.2
TEST(ImapResponse, quota) {
    QuotaResource const resources[] = {{"STORAGE", 10, 512}, {"MESSAGE", 42, 1000}};
    says("* QUOTA \"\" (STORAGE 10 512 MESSAGE 42 1000)\r\n", put_quota, "", std::span(resources));
    says("* QUOTA \"a b\" ()\r\n", put_quota, "a b", std::span<QuotaResource const>());
    says("* QUOTAROOT INBOX #user/alice\r\n", put_quota_root, "INBOX", "#user/alice", false);
    says("* QUOTAROOT &AOQ- x\r\n", put_quota_root, "\xc3\xa4", "x", false);
}

TEST(ImapResponse, vanished_names_uids_in_lines_that_are_not_too_long) {
    std::string out;
    postern::core::UidSet uids;
    put_vanished(out, uids, true);
    STRCMP_EQUAL("", out.c_str());
    for (std::uint32_t const uid : {405U, 407U, 408U}) uids.add_range(uid, uid);
    put_vanished(out, uids, false);
    STRCMP_EQUAL("* VANISHED 405,407:408\r\n", out.c_str());
    out.clear();
    for (std::uint32_t uid = 1001; uid < 9000; uid += 2) uids.add_range(uid, uid);
    put_vanished(out, uids, true);
    auto const second = out.find("\r\n* VANISHED (EARLIER) ");
    CHECK_TRUE(second != std::string::npos && second < 8192);
    CHECK_TRUE(out.find("\r\n", second + 2) < second + 8192);
    CHECK_TRUE(out.ends_with(",8999\r\n"));
    CHECK_FALSE(out.contains(",\r\n"));
}

TEST(ImapResponse, conditions) {
    says("A001 OK LOGIN completed\r\n", put_tagged, "A001", Condition::ok, "LOGIN completed");
    says("a NO [CANNOT] No\r\n", put_tagged, "a", Condition::no, "[CANNOT] No");
    says("* BAD Command line too long\r\n", put_untagged, Condition::bad, "Command line too long");
    says("* PREAUTH Hello\r\n", put_untagged, Condition::preauth, "Hello");
    says("* BYE Autologout; idle for too long\r\n", put_untagged, Condition::bye, "Autologout; idle for too long");
    says("+ idling\r\n", put_continuation, "idling");
    says("+ \r\n", put_continuation, "");
}

TEST(ImapResponse, text_cannot_break_its_line) {
    using namespace std::string_view_literals;
    says("a OK one  two ? \r\n", put_tagged, "a", Condition::ok, "one\r\ntwo \xff\0"sv);
}

// RFC 3501 §4.3
TEST(ImapResponse, strings) {
    using namespace std::string_view_literals;
    STRCMP_EQUAL("\"\"", string_of("").c_str());
    STRCMP_EQUAL("\"a b\"", string_of("a b").c_str());
    STRCMP_EQUAL("\"a\\\"b\\\\c\"", string_of("a\"b\\c").c_str());
    STRCMP_EQUAL("{3}\r\na\r\n", string_of("a\r\n").c_str());
    STRCMP_EQUAL("{2}\r\n\xc3\xa4", string_of("\xc3\xa4").c_str());
    STRCMP_EQUAL("{3}\r\na?b", string_of("a\0b"sv).c_str());
    STRCMP_EQUAL(("\"" + std::string(1000, 'x') + "\"").c_str(), string_of(std::string(1000, 'x')).c_str());
    STRCMP_EQUAL(("{1001}\r\n" + std::string(1001, 'x')).c_str(), string_of(std::string(1001, 'x')).c_str());
    says("NIL", put_nstring, std::nullopt);
    says("\"\"", put_nstring, "");
    says("{4286}\r\n", put_literal_size, 4286, false);
    says("~{7}\r\n", put_literal_size, 7, true);
}

TEST(ImapResponse, astrings) {
    STRCMP_EQUAL("INBOX", astring_of("INBOX").c_str());
    STRCMP_EQUAL("Sent/2026-01", astring_of("Sent/2026-01").c_str());
    STRCMP_EQUAL("\"\"", astring_of("").c_str());
    STRCMP_EQUAL("\"nil\"", astring_of("nil").c_str());
    for (char const* odd : {"a b", "a(b", "a)b", "a{b", "a%b", "a*b", "a]b"})
        STRCMP_EQUAL(("\"" + std::string(odd) + "\"").c_str(), astring_of(odd).c_str());
    STRCMP_EQUAL("{1}\r\n\xff", astring_of("\xff").c_str());
}

// RFC 3501 §5.1.3, RFC 6855 §3
TEST(ImapResponse, mailbox_names) {
    says("INBOX", put_mailbox, "INBOX", false);
    says("~peter/mail/&U,BTFw-/&ZeVnLIqe-", put_mailbox,
         "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", false);
    says("\"Lost &- Found\"", put_mailbox, "Lost & Found", false);
    says("\"Lost & \\\"F\xc3\xa4\\\"\"", put_mailbox, "Lost & \"F\xc3\xa4\"", true);
}

TEST(ImapResponse, flags) {
    using enum core::SystemFlag;
    std::array<std::string, 2> const keywords{"$Forwarded", "Junk"};
    says("()", put_flags, core::SystemFlags(), std::span<std::string const>(), false);
    says("(\\Answered \\Flagged \\Deleted \\Seen \\Draft)", put_flags, core::SystemFlags(31),
         std::span<std::string const>(), false);
    says("(\\Seen \\Recent $Forwarded Junk)", put_flags, seen, keywords, true);
    says("* FLAGS (\\Deleted \\Seen $Forwarded Junk)\r\n", put_flags_line, core::SystemFlags(deleted) | seen, keywords);
    STRCMP_EQUAL("[PERMANENTFLAGS (\\Deleted \\Seen \\*)]",
                 permanent_flags_code(core::SystemFlags(deleted) | seen, {}, true).c_str());
    STRCMP_EQUAL("[PERMANENTFLAGS ()]", permanent_flags_code({}, {}, false).c_str());
}

// RFC 3501 §9 date-time
TEST(ImapResponse, internal_dates) {
    using namespace std::chrono;
    sys_seconds const time = sys_days{1996y / July / 17} + 9h + 44min + 25s;
    says("\"17-Jul-1996 02:44:25 -0700\"", put_internal_date, time, -7h);
    says("\"17-Jul-1996 09:44:25 +0000\"", put_internal_date, time, 0min);
    says("\" 1-Jan-2026 10:00:00 +0130\"", put_internal_date, sys_days{2026y / January / 1} + 8h + 30min, 90min);
    says("\" 1-Jan-0000 00:00:00 +0000\"", put_internal_date, sys_seconds::min() + 24h, 0min);
    says("\"31-Dec-9999 00:00:00 +0000\"", put_internal_date, sys_seconds::max() - 24h, 0min);
}

TEST(ImapResponse, capabilities) {
    std::array<std::string_view, 3> const capabilities{"IMAP4rev1", "STARTTLS", "LOGINDISABLED"};
    says("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n", put_capability, capabilities);
    STRCMP_EQUAL("[CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED]", capability_code(capabilities).c_str());
    std::array<std::string_view, 1> const enabled{"CONDSTORE"};
    says("* ENABLED CONDSTORE\r\n", put_enabled, enabled);
    says("* ENABLED\r\n", put_enabled, std::span<std::string_view const>());
}

TEST(ImapResponse, id_and_namespace) {
    std::array<std::pair<std::string, std::string>, 2> const parameters{{{"name", "Postern"}, {"version", "1"}}};
    says("* ID (\"name\" \"Postern\" \"version\" \"1\")\r\n", put_id, parameters);
    says("* ID NIL\r\n", put_id, std::span<std::pair<std::string, std::string> const>());
    says("* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) ((\"Shared/\" \"/\"))\r\n", put_namespace, "",
         "Other Users/", "Shared/");
}

// RFC 3501 §7.3, §7.4.1
TEST(ImapResponse, counts) {
    says("* 23 EXISTS\r\n", put_exists, 23);
    says("* 0 RECENT\r\n", put_recent, 0);
    says("* 4294967295 EXPUNGE\r\n", put_expunge, 4294967295U);
}

// RFC 3501 §7.2.2, §7.2.3, RFC 5258 §5
TEST(ImapResponse, list) {
    says("* LIST (\\Noselect) \"/\" ~/Mail/foo\r\n", put_list,
         ListLine{.attributes = {"\\Noselect"}, .name = "~/Mail/foo"}, false);
    says("* LIST (\\Noselect) \"/\" \"\"\r\n", put_list, ListLine{.attributes = {"\\Noselect"}, .name = ""}, false);
    says("* LSUB () \".\" \"a b\"\r\n", put_list,
         ListLine{.lsub = true, .attributes = {}, .delimiter = '.', .name = "a b"}, false);
    says("* LIST (\\HasNoChildren \\Sent) \"/\" &AMQ-\r\n", put_list,
         ListLine{.attributes = {"\\HasNoChildren", "\\Sent"}, .name = "\xc3\x84"}, false);
    says("* LIST () \"\\\\\" Foo (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n", put_list,
         ListLine{.attributes = {}, .delimiter = '\\', .name = "Foo", .child_info = {"SUBSCRIBED"}}, false);
}

// RFC 3501 §7.2.4
TEST(ImapResponse, status) {
    std::array<StatusValue, 2> const values{{{StatusItem::messages, 231}, {StatusItem::uid_next, 44292}}};
    says("* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)\r\n", put_status, "blurdybloop", values, false);
    std::array<StatusValue, 5> const rest{{{StatusItem::recent, 0},
                                           {StatusItem::uid_validity, 1},
                                           {StatusItem::unseen, 2},
                                           {StatusItem::highest_modseq, 9223372036854775807},
                                           {StatusItem::size, 8589934592}}};
    says("* STATUS \"a b\" (RECENT 0 UIDVALIDITY 1 UNSEEN 2 HIGHESTMODSEQ 9223372036854775807 SIZE 8589934592)\r\n",
         put_status, "a b", rest, false);
}

// RFC 3501 §7.2.5, RFC 7162 §3.1.5
TEST(ImapResponse, search) {
    std::array<std::uint32_t, 3> const found{2, 3, 6};
    says("* SEARCH 2 3 6\r\n", put_search, found, std::nullopt);
    says("* SEARCH\r\n", put_search, std::span<std::uint32_t const>(), std::nullopt);
    says("* SEARCH 2 3 6 (MODSEQ 917162500)\r\n", put_search, found, core::ModSeq{917162500});
    says("* SEARCH\r\n", put_search, std::span<std::uint32_t const>(), core::ModSeq{917162500});
}

// RFC 4731 §3
TEST(ImapResponse, extended_search) {
    std::array<std::uint32_t, 5> const found{2, 10, 11, 12, 4294967295};
    SearchReturn const everything{.min = true, .max = true, .all = true, .count = true};
    says("* ESEARCH (TAG \"A282\") MIN 2 MAX 4294967295 ALL 2,10:12,4294967295 COUNT 5\r\n", put_esearch,
         SearchCorrelator{"A282"}, false, everything, found, std::nullopt);
    says("* ESEARCH (TAG \"A285\") UID MIN 2 MODSEQ 917162488\r\n", put_esearch, SearchCorrelator{"A285"}, true,
         SearchReturn{.min = true, .max = false, .all = false, .count = false}, found, core::ModSeq{917162488});
    says("* ESEARCH (TAG \"A\") COUNT 0\r\n", put_esearch, SearchCorrelator{"A"}, false, everything,
         std::span<std::uint32_t const>(), core::ModSeq{1});
    says("* ESEARCH (TAG \"A\") UID\r\n", put_esearch, SearchCorrelator{"A"}, true,
         SearchReturn{.min = true, .max = true, .all = true, .count = false}, std::span<std::uint32_t const>(),
         std::nullopt);
}

// RFC 7377 §3
TEST(ImapResponse, extended_search_of_several_mailboxes) {
    std::array<std::uint32_t, 2> const found{3002, 4004};
    SearchReturn const all{.all = true};
    says("* ESEARCH (TAG \"tag1\" MAILBOX folder2/banana UIDVALIDITY 503) UID ALL 3002,4004\r\n", put_esearch,
         SearchCorrelator{"tag1", SearchCorrelator::Mailbox{"folder2/banana", core::UidValidity{503}}}, true, all,
         found, std::nullopt);
    says("* ESEARCH (TAG \"a\" MAILBOX &AOQ- UIDVALIDITY 1) UID ALL 3002,4004\r\n", put_esearch,
         SearchCorrelator{"a", SearchCorrelator::Mailbox{"\xC3\xA4", core::UidValidity{1}}}, true, all, found,
         std::nullopt);
}

// RFC 5267 §4.3.3, §4.3.4
TEST(ImapResponse, changes_of_results) {
    using Updates = std::vector<ResultUpdate>;
    says("* ESEARCH (TAG \"B01\") UID ADDTO (0 32768:32769)\r\n", put_result_updates, SearchCorrelator{"B01"}, true,
         Updates{}, Updates{{0, {32768, 32769}}});
    says("* ESEARCH (TAG \"C01\") UID ADDTO (1 2733 1 2731:2732)\r\n", put_result_updates, SearchCorrelator{"C01"},
         true, Updates{}, Updates{{1, {2733}}, {1, {2731, 2732}}});
    says("* ESEARCH (TAG \"a\") REMOVEFROM (2 7,5) ADDTO (1 3)\r\n", put_result_updates, SearchCorrelator{"a"}, false,
         Updates{{2, {7, 5}}}, Updates{{1, {3}}});
    says("", put_result_updates, SearchCorrelator{"a"}, false, Updates{}, Updates{});
    STRCMP_EQUAL("[NOUPDATE \"B02\"]", no_update_code("B02").c_str());
}

// RFC 9585 §4
TEST(ImapResponse, progress) {
    STRCMP_EQUAL("[INPROGRESS (\"A001\" 454 1000)]", in_progress_code("A001", 454, 1000).c_str());
    STRCMP_EQUAL("[INPROGRESS (\"A001\" 0 1000)]", in_progress_code("A001", 0, 1000).c_str());
    STRCMP_EQUAL("[INPROGRESS (\"A001\" 175 NIL)]", in_progress_code("A001", 175, 175).c_str());
    STRCMP_EQUAL("[INPROGRESS (\"A001\" NIL NIL)]", in_progress_code("A001", 0, 0).c_str());
    STRCMP_EQUAL("[INPROGRESS (NIL 1 2)]", in_progress_code("a]", 1, 2).c_str());
}

// RFC 4315 §3, RFC 7162 §3.1.3
TEST(ImapResponse, codes) {
    STRCMP_EQUAL("[APPENDUID 38505 3955]", append_uid_code(core::UidValidity{38505}, {core::Uid{3955}}).c_str());
    STRCMP_EQUAL("[BADURL \"/Sent;UIDVALIDITY=785799047/;UID=92\"]",
                 bad_url_code("/Sent;UIDVALIDITY=785799047/;UID=92").c_str());
    STRCMP_EQUAL("[BADURL \"%22a%5D%5C%0D%FF%20\"]", bad_url_code("\"a]\\\r\xff ").c_str());
    LONGS_EQUAL(4096 + 11, bad_url_code(std::string(9000, 'x')).size());
    STRCMP_EQUAL("[APPENDUID 38505 3955:3956]",
                 append_uid_code(core::UidValidity{38505}, {core::Uid{3955}, core::Uid{3956}}).c_str());
    STRCMP_EQUAL("[COPYUID 38505 304,319:320 3956:3958]",
                 copy_uid_code(core::UidValidity{38505}, uids({304, 319, 320}), uids({3956, 3957, 3958})).c_str());
    STRCMP_EQUAL("[MODIFIED 7,9]", modified_code(uids({7, 9})).c_str());
}

// RFC 5256 §4
TEST(ImapResponse, threads) {
    auto const put = [](std::vector<message::ThreadNode> const& threads) {
        std::string out;
        put_thread(out, threads);
        return out;
    };
    STRCMP_EQUAL("* THREAD\r\n", put({}).c_str());
    STRCMP_EQUAL("* THREAD (2)(3 6 (4 23)(44 7 96))\r\n",
                 put({{2, 0}, {3, 1}, {6, 2}, {4, 1}, {23, 0}, {44, 1}, {7, 1}, {96, 0}}).c_str());
    STRCMP_EQUAL("* THREAD ((3)(5))\r\n", put({{0, 2}, {3, 0}, {5, 0}}).c_str());
    STRCMP_EQUAL("* THREAD (1)((3 (6)(7))(5))(8)\r\n",
                 put({{1, 0}, {0, 2}, {3, 2}, {6, 0}, {7, 0}, {5, 0}, {8, 0}}).c_str());
}

// RFC 5256 §4, RFC 5267 §3.2
TEST(ImapResponse, sorted_results_keep_their_order) {
    std::vector<std::uint32_t> const sorted{2, 84, 882, 3, 4, 5, 1};
    std::string out;
    put_sort(out, sorted);
    put_sort(out, {});
    put_esearch(out, {"a"}, true, {.min = true, .max = true, .all = true, .count = true, .save = false}, sorted);
    STRCMP_EQUAL("* SORT 2 84 882 3 4 5 1\r\n* SORT\r\n"
                 "* ESEARCH (TAG \"a\") UID MIN 2 MAX 1 ALL 2,84,882,3:5,1 COUNT 7\r\n",
                 out.c_str());
}

} // namespace imap_response_test
