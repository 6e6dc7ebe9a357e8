#include "text/charset.h"
#include "text/utf8.h"

#include <CppUTest/TestHarness.h>

using namespace postern::text;
using namespace std::string_view_literals;

namespace {

constexpr char const* all_names[] = {
    "us-ascii",     "iso-8859-1",     "iso-8859-2",     "iso-8859-3",   "iso-8859-4",   "iso-8859-5",    "iso-8859-6",
    "iso-8859-7",   "iso-8859-8",     "iso-8859-8-i",   "iso-8859-9",   "iso-8859-10",  "iso-8859-11",   "iso-8859-13",
    "iso-8859-14",  "iso-8859-15",    "iso-8859-16",    "windows-1250", "windows-1251", "windows-1252",  "windows-1253",
    "windows-1254", "windows-1255",   "windows-1256",   "windows-1257", "windows-1258", "windows-874",   "koi8-r",
    "koi8-u",       "macintosh",      "x-mac-cyrillic", "cp437",        "cp850",        "cp852",         "cp855",
    "cp858",        "cp862",          "cp865",          "cp866",        "gb2312",       "gbk",           "gb18030",
    "big5",         "big5-hkscs",     "shift_jis",      "euc-jp",       "iso-2022-jp",  "iso-2022-jp-2", "iso-2022-kr",
    "euc-kr",       "ks_c_5601-1987", "tis-620",        "utf-8",        "utf-16",       "utf-16be",      "utf-16le",
    "utf-32",       "utf-32be",       "utf-32le",       "viscii"};

void check_reads(char const* charset, std::string_view bytes, char const* expected) {
    STRCMP_EQUAL(expected, charset_to_utf8(charset, bytes).c_str());
    std::string out;
    CharsetDecoder decoder(charset);
    for (char c : bytes) decoder.feed({&c, 1}, out);
    decoder.finish(out);
    STRCMP_EQUAL(expected, out.c_str());
}

} // namespace

TEST_GROUP(Charset){};

TEST(Charset, knows_names_in_any_spelling) {
    for (char const* name : {"UTF-8", "utf8", "ISO_8859-1:1987", "iso8859-15", "Windows-1251", "cp-1251", "x-sjis",
                             "csISO2022JP", "KS_C_5601-1987", "ANSI_X3.4-1968"})
        CHECK_TRUE_TEXT(charset_known(name), name);
    for (char const* name :
         {"", "unknown-8bit", "x", "cs", "utf-8//IGNORE-nonsense", "../../etc/passwd", "INTERNAL", "utf-7"})
        CHECK_FALSE_TEXT(charset_known(name), name);
}

TEST(Charset, finds_a_converter_for_every_name_it_knows) {
    // An octet of each set that the fallback would read otherwise shows that the C library has the converter: here,
    // that ASCII stays ASCII and that 8-bit text becomes valid UTF-8.
    for (char const* name : all_names) {
        CHECK_TRUE_TEXT(charset_known(name), name);
        std::string every_octet;
        for (int i = 0; i < 256; ++i) every_octet += static_cast<char>(i);
        CHECK_TRUE_TEXT(is_utf8(charset_to_utf8(name, every_octet)), name);
    }
}

TEST(Charset, reads_one_octet_sets) {
    check_reads("iso-8859-2", "\xb1\xe6\xea", "\u0105\u0107\u0119");
    check_reads("iso-8859-15", "\xa4", "\u20ac");
    check_reads("windows-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "\u041f\u0440\u0438\u0432\u0435\u0442");
    check_reads("koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "\u041f\u0440\u0438\u0432\u0435\u0442");
    check_reads("koi8-u", "\xa4", "\u0454");
    check_reads("cp437", "\x81", "\u00fc");
    check_reads("cp850", "\x9b", "\u00f8");
    check_reads("cp858", "\xd5", "\u20ac");
    check_reads("cp866", "\x8f", "\u041f");
    check_reads("tis-620", "\xa1", "\u0e01");
    check_reads("macintosh", "\x8a", "\u00e4");
    check_reads("iso-8859-9", "\xfd", "\u0131");
    check_reads("windows-1255", "\xe0", "\u05d0");
    check_reads("viscii", "\xa1", "\u1eaf");
}

TEST(Charset, reads_sets_of_several_octets) {
    check_reads("shift_jis", "\x93\xfa\x96\x7b", "\u65e5\u672c");
    check_reads("euc-jp", "\xc6\xfc\xcb\xdc", "\u65e5\u672c");
    check_reads("iso-2022-jp", "\x1b$BF|K\\\x1b(B!", "\u65e5\u672c!");
    check_reads("iso-2022-jp", "\x1b(I1\x1b(B", "\uff71");
    check_reads("iso-2022-jp-2", "\x1b$BF|K\\\x1b(B!", "\u65e5\u672c!");
    check_reads("gb2312", "\xc4\xe3\xba\xc3", "\u4f60\u597d");
    check_reads("gbk", "\x95\x45", "\u65f9");
    check_reads("gb18030", "\x81\x30\x81\x30", "\u0080");
    check_reads("big5", "\xa7\x41\xa6\x6e", "\u4f60\u597d");
    check_reads("euc-kr", "\xc7\xd1\xb1\xb9", "\ud55c\uad6d");
    check_reads("ks_c_5601-1987", "\x81\x41", "\uac02"); // cp949's own
    check_reads("iso-2022-kr", "\x1b$)C\x0eGQ19\x0f", "\ud55c\uad6d");
    check_reads("utf-16be", "\0A\x26\x3a\xd8\x3d\xde\x00"sv, "A\u263a\U0001f600");
    check_reads("utf-16le", "A\0\x3a\x26"sv, "A\u263a");
    check_reads("utf-16", "\xfe\xff\0A"sv, "A");
    check_reads("utf-16",
                "\xff\xfe"
                "A\0"sv,
                "A");
    check_reads("utf-32be", "\0\x01\xf6\0"sv, "\U0001f600");
}

TEST(Charset, reads_wrong_labels_as_what_they_stand_for) {
    check_reads("iso-8859-1", "\x80 \x93quoted\x94", "\u20ac \u201cquoted\u201d");
    check_reads("us-ascii", "caf\xe9 \x80", "caf\u00e9 \u20ac");
    check_reads("us-ascii", "caf\xc3\xa9", "caf\u00e9");
    check_reads("iso-8859-9", "\x80", "\u20ac");
}

TEST(Charset, reads_text_under_an_unknown_name_as_utf8_or_else_windows_1252) {
    check_reads("x-unknown", "caf\xc3\xa9", "caf\u00e9");
    check_reads("x-unknown", "caf\xe9 \x80", "caf\u00e9 \u20ac");
    check_reads("", "caf\xe9", "caf\u00e9");
    check_reads("", "\xe2\x82", "\u00e2\u201a");
}

TEST(Charset, replaces_octets_that_mean_nothing) {
    check_reads("utf-8", "a\xff\xc3", "a\ufffd\ufffd");
    check_reads("windows-1252", "\x81", "\ufffd");
    check_reads("euc-jp", "a\xffz", "a\ufffdz");
    check_reads("shift_jis", "z\x93", "z\ufffd");
    check_reads("utf-16be", "\xdc\x00\0A"sv, "\ufffdA");
    check_reads("utf-16le", "A", "\ufffd");
}

TEST(Charset, reads_long_text_in_pieces_of_any_size) {
    std::string text;
    std::string expected;
    for (int i = 0; i < 3'000; ++i) {
        text += "x\x93\xfa\x96\x7b";
        expected += "x\u65e5\u672c";
    }
    for (std::size_t piece : {1, 7, 4095, 4096, 4097, 100'000}) {
        std::string out;
        CharsetDecoder decoder("shift_jis");
        for (std::size_t i = 0; i < text.size(); i += piece) decoder.feed(std::string_view(text).substr(i, piece), out);
        decoder.finish(out);
        CHECK_TRUE(out == expected);
    }
}
