#include "message/section.h"
#include "message/structure.h"

#include <CppUTest/TestHarness.h>

namespace structure_test {

using namespace postern::message;
using namespace std::string_view_literals;

namespace {

Structure parsed(std::string_view message, std::size_t piece, Limits limits = {}) {
    StructureParser parser(limits);
    for (std::size_t i = 0; i < message.size(); i += piece) parser.feed(message.substr(i, piece));
    return parser.finish();
}

// Whole, and checked to be the same in small pieces, after a trip through the store's form, and behind a heading.
Structure parsed(std::string_view message) {
    Structure const structure = parsed(message, message.size() + 1);
    for (std::size_t piece : {1, 2, 3, 7, 64}) CHECK_TRUE(parsed(message, piece) == structure);
    std::string const packed = encode(structure);
    CHECK_TRUE(encode(decode_structure(packed).value()) == packed);
    constexpr std::string_view heading = "State: waiting\r\nHint: see\r\n below\r\n";
    std::string const headed = std::string(heading).append(message);
    CHECK_TRUE(encode_with_heading(decode_structure(packed).value(), heading.size(), 3) ==
               encode(parsed(headed, headed.size())));
    return structure;
}

// "multipart/mixed[text/plain<body>,...]" with the bodies of leaves; line ends are shown as "|".
std::string shape(std::string_view message, Part const& part) {
    std::string out = part.type + "/" + part.subtype;
    if (is_multipart(part) || is_message(part)) {
        out += "[";
        for (Part const& child : part.children) out += (out.ends_with('[') ? "" : ",") + shape(message, child);
        return out + "]";
    }
    out += "<";
    for (char c : message.substr(part.body_begin, part.body_end - part.body_begin)) {
        if (c == '\n') out += '|';
        if (c != '\r' && c != '\n') out += c;
    }
    return out + ">";
}

// Lines joined with CRLF; "|" in a line is a line end as well.
std::string message_of(std::string_view lines) {
    std::string out;
    for (char c : lines) {
        if (c == '|')
            out += "\r\n";
        else
            out += c;
    }
    return out;
}

void check(char const* expected, std::string_view lines) {
    std::string const message = message_of(lines);
    STRCMP_EQUAL(expected, shape(message, parsed(message).root).c_str());
}

} // namespace

TEST_GROUP(Structure){};

TEST(Structure, of_a_plain_message_is_one_part) {
    std::string const message = message_of("Subject: hi|From: a@b||one|two|");
    Structure const s = parsed(message);
    STRCMP_EQUAL("text/plain<one|two|>", shape(message, s.root).c_str());
    CHECK_EQUAL(0, s.root.header_begin);
    CHECK_EQUAL(26, s.root.body_begin);
    CHECK_EQUAL(message.size(), s.root.body_end);
    CHECK_EQUAL(message.size(), s.size);
    CHECK_EQUAL(3, s.root.header_lines);
    CHECK_EQUAL(2, s.root.body_lines);
    STRCMP_EQUAL("7bit", s.root.encoding.c_str());
    CHECK_TRUE(find(s.root.parameters, "charset") == "us-ascii");
    STRCMP_EQUAL("hi", s.envelope.subject->c_str());
    CHECK_FALSE(s.root.envelope.has_value());
    CHECK_FALSE(s.truncated);
}

TEST(Structure, of_messages_cut_short_or_empty) {
    check("text/plain<>", "");
    check("text/plain<>", "Subject: x");
    check("text/plain<>", "Subject: x|");
    check("text/plain<>", "Subject: x||");
    check("text/plain<body>", "|body");
    check("text/plain<>", "\r");
    check("text/plain<>", "no header here at all|and no empty line");
    check("multipart/mixed[]", "Content-Type: multipart/mixed; boundary=b|");
}

// RFC 2046 §5.1.1
TEST(Structure, of_the_example_of_rfc_2046) {
    std::string const message = message_of(
        "From: Nathaniel Borenstein <nsb@bellcore.com>|To: Ned Freed <ned@innosoft.com>|"
        "Date: Sun, 21 Mar 1993 23:56:48 -0800 (PST)|Subject: Sample message|MIME-Version: 1.0|"
        "Content-type: multipart/mixed; boundary=\"simple boundary\"||This is the preamble.  It is to be ignored, "
        "though it|"
        "is a handy place for composition agents to include an|explanatory note to non-MIME conformant readers.||"
        "--simple boundary||This is implicitly typed plain US-ASCII text.|It does NOT end with a linebreak.|"
        "--simple boundary|Content-type: text/plain; charset=us-ascii||This is explicitly typed plain US-ASCII text.|"
        "It DOES end with a linebreak.||--simple boundary--||This is the epilogue.  It is also to be ignored.|");
    Structure const s = parsed(message);
    STRCMP_EQUAL(
        "multipart/mixed[text/plain<This is implicitly typed plain US-ASCII text.|It does NOT end with a linebreak.>,"
        "text/plain<This is explicitly typed plain US-ASCII text.|It DOES end with a linebreak.|>]",
        shape(message, s.root).c_str());
    CHECK_EQUAL(1, s.root.children[0].body_lines);
    CHECK_EQUAL(1, s.root.children[0].header_lines);
    CHECK_EQUAL(2, s.root.children[1].body_lines);
    CHECK_EQUAL(2, s.root.children[1].header_lines);
    CHECK_EQUAL(message.size(), s.root.body_end);
    STRCMP_EQUAL("Sample message", s.envelope.subject->c_str());
}

// RFC 2049 appendix A, with shorter texts
TEST(Structure, of_the_complex_example_of_rfc_2049) {
    check(
        "multipart/mixed[text/plain<some "
        "text>,text/plain<typed>,multipart/parallel[audio/basic<AAAA>,image/jpeg<BBBB>],"
        "text/enriched<This is <bold>enriched.</bold>|>,message/rfc822[Text/plain<=A0|>]]",
        "MIME-Version: 1.0|From: Nathaniel Borenstein <nsb@nsb.fv.com>|To: Ned Freed <ned@innosoft.com>|"
        "Date: Fri, 07 Oct 1994 16:15:05 -0700 (PDT)|Subject: A multipart example|Content-Type: multipart/mixed;\r\n"
        "              boundary=unique-boundary-1||preamble||--unique-boundary-1||some text|--unique-boundary-1|"
        "Content-type: text/plain; charset=US-ASCII||typed|--unique-boundary-1|Content-Type: multipart/parallel;\r\n"
        "              boundary=unique-boundary-2|||--unique-boundary-2|Content-Type: audio/basic|"
        "Content-Transfer-Encoding: base64||AAAA|--unique-boundary-2|Content-Type: image/jpeg|"
        "Content-Transfer-Encoding: base64||BBBB|--unique-boundary-2--||--unique-boundary-1|Content-type: "
        "text/enriched||"
        "This is <bold>enriched.</bold>||--unique-boundary-1|Content-Type: message/rfc822||From: (mailbox in US-ASCII)|"
        "To: (address in US-ASCII)|Subject: (subject in US-ASCII)|Content-Type: Text/plain; charset=ISO-8859-1|"
        "Content-Transfer-Encoding: Quoted-printable||=A0||--unique-boundary-1--|");
}

TEST(Structure, gives_the_line_end_before_a_delimiter_to_the_delimiter) {
    check("multipart/mixed[text/plain<a>]", "Content-Type: multipart/mixed; boundary=b||--b||a|--b--|");
    check("multipart/mixed[text/plain<>]", "Content-Type: multipart/mixed; boundary=b||--b||--b--|");
    check("multipart/mixed[text/plain<>]", "Content-Type: multipart/mixed; boundary=b||--b|||--b--|");
    check("multipart/mixed[text/plain<|>]", "Content-Type: multipart/mixed; boundary=b||--b||||--b--|");
    std::string const lf = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\na\nb\n--b--\n";
    STRCMP_EQUAL("multipart/mixed[text/plain<a|b>]", shape(lf, parsed(lf).root).c_str());
}

TEST(Structure, ends_a_part_even_in_its_header) {
    std::string const message =
        message_of("Content-Type: multipart/mixed; boundary=b||--b|Content-Type: image/png|--b|X: y||z|--b--");
    Structure const s = parsed(message);
    STRCMP_EQUAL("multipart/mixed[image/png<>,text/plain<z>]", shape(message, s.root).c_str());
    Part const& first = s.root.children[0];
    STRCMP_EQUAL("Content-Type: image/png\r\n",
                 message.substr(first.header_begin, first.body_begin - first.header_begin).c_str());
    check("multipart/mixed[text/plain<>,text/plain<>]", "Content-Type: multipart/mixed; boundary=b||--b|--b|--b--|");
}

TEST(Structure, does_without_a_closing_delimiter) {
    check("multipart/mixed[text/plain<a>,text/plain<b|>]", "Content-Type: multipart/mixed; boundary=b||--b||a|--b||b|");
    check("multipart/mixed[multipart/alternative[text/plain<in>],text/html<out>]",
          "Content-Type: multipart/mixed; boundary=o||--o|Content-Type: multipart/alternative; boundary=i||--i||in|--o|"
          "Content-Type: text/html||out|--o--|");
}

TEST(Structure, takes_a_delimiter_without_a_line_end) {
    check("multipart/mixed[text/plain<a>]", "Content-Type: multipart/mixed; boundary=b||--b||a|--b--");
    check("multipart/mixed[text/plain<a>,text/plain<>]", "Content-Type: multipart/mixed; boundary=b||--b||a|--b");
}

TEST(Structure, takes_padding_after_a_delimiter) {
    check("multipart/mixed[text/plain<a>]", "Content-Type: multipart/mixed; boundary=b||--b \t ||a|--b--   |");
    check("multipart/mixed[text/plain<a>]", "Content-Type: multipart/mixed; boundary=b||--b" + std::string(1000, ' ') +
                                                "||a|--b--" + std::string(1000, ' ') + "|e|");
}

TEST(Structure, ignores_what_follows_a_closing_delimiter) {
    check("multipart/mixed[text/plain<a>]",
          "Content-Type: multipart/mixed; boundary=b||--b||a|--b--|--b||epilogue|--b--|");
    check("multipart/mixed[multipart/mixed[text/plain<a>],text/plain<c>]",
          "Content-Type: multipart/mixed; boundary=o||--o|Content-Type: multipart/mixed; boundary=i||--i||a|--i--|"
          "epilogue|--i|--o||c|--o--|");
}

TEST(Structure, ignores_lines_that_only_look_like_delimiters) {
    check("multipart/mixed[text/plain< --b|-b|x--b|--c|---b|->]",
          "Content-Type: multipart/mixed; boundary=b||--b|| --b|-b|x--b|--c|---b|-|--b--|");
}

TEST(Structure, finds_a_boundary_that_begins_with_another) {
    check("multipart/mixed[multipart/mixed[text/plain<a>,text/plain<b>],text/plain<c>]",
          "Content-Type: multipart/mixed; boundary=x||--x|Content-Type: multipart/mixed; "
          "boundary=xy||--xy||a|--xy||b|--xy--|"
          "--x||c|--x--|");
    check("multipart/mixed[multipart/mixed[text/plain<a>,text/plain<b>],text/plain<c>]",
          "Content-Type: multipart/mixed; boundary=xy||--xy|Content-Type: multipart/mixed; "
          "boundary=x||--x||a|--x||b|--x--|"
          "--xy||c|--xy--|");
    // "--x--" may close "x" or open "x--"
    check("multipart/mixed[multipart/mixed[text/plain<a>],text/plain<c>]",
          "Content-Type: multipart/mixed; boundary=x--||--x--|Content-Type: multipart/mixed; boundary=x||--x||a|--x--|"
          "--x--||c|--x----|");
}

TEST(Structure, gives_a_boundary_used_twice_to_the_inner_multipart) {
    check(
        "multipart/mixed[multipart/mixed[text/plain<a>,text/plain<b>],text/plain<c>]",
        "Content-Type: multipart/mixed; boundary=x||--x|Content-Type: multipart/mixed; boundary=x||--x||a|--x||b|--x--|"
        "--x||c|--x--|");
}

TEST(Structure, of_a_multipart_without_parts_has_no_children) {
    check("multipart/mixed[]", "Content-Type: multipart/mixed||--b||a|--b--|");
    check("multipart/mixed[]", "Content-Type: multipart/mixed; boundary=\"\"||--||a|----|");
    check("multipart/mixed[]", "Content-Type: multipart/mixed; boundary=b||--c||a|--c--|");
    check("multipart/mixed[]", "Content-Type: multipart/mixed; boundary=b||--b--|");
    check("multipart/mixed[]",
          "Content-Type: multipart/mixed; boundary=" + std::string(251, 'b') + "||--" + std::string(251, 'b') + "||a|");
    check("multipart/mixed[text/plain<a|>]",
          "Content-Type: multipart/mixed; boundary=" + std::string(250, 'b') + "||--" + std::string(250, 'b') + "||a|");
}

TEST(Structure, takes_boundaries_in_odd_spelling) {
    check("multipart/mixed[text/plain<a>]", "Content-Type: multipart/mixed;\r\n\tBOUNDARY = \"gc0p4Jq0M:2Yt0+8=?\" "
                                            "(c)||--gc0p4Jq0M:2Yt0+8=?||a|--gc0p4Jq0M:2Yt0+8=?--|");
    check("Multipart/Mixed[text/plain<a>]", "content-type:Multipart/Mixed;boundary=\"b  \"||--b||a|--b--|");
    check("multipart/mixed[text/plain<a>]", "Content-Type: multipart/mixed; boundary=b=_c||--b=_c||a|--b=_c--|");
}

TEST(Structure, looks_into_messages_within) {
    std::string const message = message_of(
        "Subject: outer|Content-Type: multipart/mixed; boundary=b||--b||note|--b|Content-Type: message/rfc822||"
        "Subject: inner|From: a@b|Content-Type: multipart/alternative; boundary=i||--i||plain|--i|Content-Type: "
        "text/html||"
        "<p>|--i--||--b--|");
    Structure const s = parsed(message);
    STRCMP_EQUAL(
        "multipart/mixed[text/plain<note>,message/rfc822[multipart/alternative[text/plain<plain>,text/html<<p>>]]]",
        shape(message, s.root).c_str());
    Part const& carrier = s.root.children[1];
    Part const& inner = carrier.children[0];
    STRCMP_EQUAL("outer", s.envelope.subject->c_str());
    STRCMP_EQUAL("inner", inner.envelope->subject->c_str());
    CHECK_EQUAL(1, inner.envelope->from.size());
    CHECK_FALSE(carrier.envelope.has_value());
    CHECK_EQUAL(carrier.body_begin, inner.header_begin);
    CHECK_EQUAL(carrier.body_end, inner.body_end);
    CHECK_EQUAL(12, carrier.body_lines);
    CHECK_EQUAL(4, inner.header_lines);
    CHECK_EQUAL(8, inner.body_lines);
}

TEST(Structure, of_a_message_within_that_is_only_a_header) {
    std::string const message = message_of(
        "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: message/rfc822||Subject: inner||--b--|");
    Structure const s = parsed(message);
    Part const& carrier = s.root.children[0];
    STRCMP_EQUAL("inner", carrier.children[0].envelope->subject->c_str());
    CHECK_EQUAL(carrier.children[0].body_end, carrier.body_end);
    check("multipart/mixed[message/rfc822[text/plain<>]]",
          "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: message/rfc822|--b--|");
    check("message/rfc822[message/rfc822[text/plain<>]]",
          "Content-Type: message/rfc822||Content-Type: message/rfc822|");
}

TEST(Structure, of_a_digest_defaults_to_messages) {
    // after RFC 2046 §5.1.5
    check(
        "multipart/mixed[text/plain<contents>,multipart/digest[message/rfc822[text/plain<one>],message/rfc822[text/"
        "plain<two>],text/x<three>]]",
        "Content-Type: multipart/mixed; boundary=m||--m||contents|--m|Content-Type: multipart/digest; boundary=d||--d||"
        "From: someone||one|--d||From: else||two|--d|Content-Type: text/x||three|--d--||--m--|");
    check("multipart/digest[message/rfc822[multipart/digest[message/rfc822[text/plain<x>]]]]",
          "Content-Type: multipart/digest; boundary=a||--a||Content-Type: multipart/digest; boundary=b||--b||S: "
          "1||x|--b--|--a--|");
    check("multipart/digest[message/rfc822[text/plain<>]]", "Content-Type: multipart/digest; boundary=a||--a|--a--|");
}

TEST(Structure, looks_into_messages_whatever_their_encoding_says) {
    check("multipart/mixed[message/rfc822[text/plain<body>]]",
          "Content-Type: multipart/mixed; boundary=b||--b|Content-Type: message/rfc822|Content-Transfer-Encoding: "
          "base64||"
          "Subject: x||body|--b--|");
    check("message/global[text/plain<x>]", "Content-Type: message/global||Subject: \xc3\xa9||x");
    check("message/delivery-status<x>", "Content-Type: message/delivery-status||x");
}

TEST(Structure, finds_parts_by_a_boundary_in_pieces_or_with_a_charset) {
    check("multipart/mixed[text/plain<x>]",
          "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b||--ab||x|--ab--|");
    check("multipart/mixed[text/plain<x>]", "Content-Type: multipart/mixed; boundary*=us-ascii''a%62||--ab||x|--ab--|");
}

TEST(Structure, keeps_what_fields_say_of_a_part) {
    Structure const s = parsed(message_of(
        "Content-Type: Image/PNG (a picture); name=\"a b.png\"; x=y (c)|Content-Transfer-Encoding: BASE64 (really)|"
        "Content-ID: <id@x>|Content-Description: some|  words|Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==|Content-Location: "
        "http://x/y|"
        "Content-Disposition: attachment; filename*0=\"a\"; filename*1=b.png|Content-Language: de (German), en-GB|"
        "Content-Type: text/html||"));
    Part const& part = s.root;
    STRCMP_EQUAL("Image", part.type.c_str());
    STRCMP_EQUAL("PNG", part.subtype.c_str());
    CHECK_EQUAL(2, part.parameters.size());
    STRCMP_EQUAL("a b.png", part.parameters[0].value.c_str());
    STRCMP_EQUAL("y", part.parameters[1].value.c_str());
    STRCMP_EQUAL("BASE64", part.encoding.c_str());
    STRCMP_EQUAL("<id@x>", part.id->c_str());
    STRCMP_EQUAL("some  words", part.description->c_str());
    STRCMP_EQUAL("Q2hlY2sgSW50ZWdyaXR5IQ==", part.md5->c_str());
    STRCMP_EQUAL("http://x/y", part.location->c_str());
    STRCMP_EQUAL("attachment", part.disposition->c_str());
    CHECK_EQUAL(1, part.disposition_parameters.size());
    STRCMP_EQUAL("filename", part.disposition_parameters[0].name.c_str());
    CHECK_EQUAL(2, part.languages.size());
    STRCMP_EQUAL("en-GB", part.languages[1].c_str());
}

// The message whose BODY RFC 3501 §7.4.2 shows:
//   (("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 1152 23)
//    ("TEXT" "PLAIN" ("CHARSET" "US-ASCII" "NAME" "cc.diff") "<960723163407.20117h@cac.washington.edu>" "Compiler diff"
//     "BASE64" 4554 73) "MIXED")
TEST(Structure, of_the_example_of_rfc_3501) {
    std::string lines =
        "MIME-Version: 1.0|Content-Type: MULTIPART/MIXED; BOUNDARY=x||--x|Content-Type: TEXT/PLAIN; CHARSET=US-ASCII|"
        "Content-Transfer-Encoding: 7BIT||";
    for (int i = 0; i < 23; ++i) lines += std::string(i < 22 ? 48 : 50, 'a') + "|"; // 1,152 octets with their line ends
    lines += "|--x|Content-Type: TEXT/PLAIN; CHARSET=US-ASCII; NAME=\"cc.diff\"|Content-Transfer-Encoding: BASE64|"
             "Content-ID: <960723163407.20117h@cac.washington.edu>|Content-Description: Compiler diff||";
    for (int i = 0; i < 73; ++i) lines += std::string(i < 72 ? 60 : 88, 'b') + "|"; // 4,554 octets
    Structure const s = parsed(message_of(lines + "|--x--|"));
    STRCMP_EQUAL("MIXED", s.root.subtype.c_str());
    CHECK_EQUAL(2, s.root.children.size());
    Part const& note = s.root.children[0];
    Part const& diff = s.root.children[1];
    CHECK_EQUAL(1152, note.body_end - note.body_begin);
    CHECK_EQUAL(23, note.body_lines);
    STRCMP_EQUAL("7BIT", note.encoding.c_str());
    CHECK_TRUE(note.parameters == std::vector<Parameter>({{"CHARSET", "US-ASCII"}}));
    CHECK_EQUAL(4554, diff.body_end - diff.body_begin);
    CHECK_EQUAL(73, diff.body_lines);
    CHECK_TRUE(diff.parameters == std::vector<Parameter>({{"CHARSET", "US-ASCII"}, {"NAME", "cc.diff"}}));
    STRCMP_EQUAL("<960723163407.20117h@cac.washington.edu>", diff.id->c_str());
    STRCMP_EQUAL("Compiler diff", diff.description->c_str());
}

TEST(Structure, takes_an_unreadable_type_for_plain_text) {
    check("text/plain<x>", "Content-Type: text||x");
    check("text/plain<x>", "Content-Type: ||x");
    check("text/plain<x>", "Content-Type: /plain||x");
    check("text/html<x>", "Content-Type: text/html charset=utf-8||x");
    check("text/html<x>", "Content-Type: text / html;;; ;=;a;=b;c=||x");
}

TEST(Structure, cuts_what_nests_too_deep) {
    std::string lines = "Content-Type: multipart/mixed; boundary=b0||";
    for (int i = 0; i < 1'000; ++i)
        lines +=
            "--b" + std::to_string(i) + "|Content-Type: multipart/mixed; boundary=b" + std::to_string(i + 1) + "||";
    std::string const message = message_of(lines);
    Structure const s = parsed(message);
    CHECK_TRUE(s.truncated);
    std::size_t depth = 1;
    for (Part const* part = &s.root; !part->children.empty(); part = &part->children.front()) ++depth;
    CHECK_EQUAL(Limits{}.depth, depth);
    std::string digests;
    for (int i = 0; i < 1'000; ++i) digests += "Content-Type: message/rfc822||";
    CHECK_TRUE(parsed(message_of(digests)).truncated);
}

TEST(Structure, cuts_what_has_too_many_parts) {
    std::string lines = "Content-Type: multipart/mixed; boundary=b||";
    for (int i = 0; i < 10'000; ++i) lines += "--b||x|";
    Structure const s = parsed(message_of(lines + "--b--|"));
    CHECK_TRUE(s.truncated);
    CHECK_EQUAL(Limits{}.parts - 1, s.root.children.size());
    CHECK_EQUAL(message_of(lines).size() + 7, s.root.body_end);
}

TEST(Structure, examines_no_more_of_headers_than_the_limits) {
    Limits limits;
    limits.header_octets = 40;
    limits.headers_octets = 60;
    std::string const message = message_of(
        "Content-Type: multipart/mixed; boundary=b|Subject: too late||--b|Content-ID: <in>|X: y|Content-MD5: z|"
        "|body|--b--|");
    Structure const s = parsed(message, 1, limits);
    CHECK_TRUE(s.truncated);
    CHECK_TRUE(s == parsed(message, message.size(), limits));
    CHECK_FALSE(s.envelope.subject.has_value());
    CHECK_EQUAL(0, s.root.children.size()); // the boundary's end was cut off with its line

    limits.header_octets = 43;
    Structure const t = parsed(message, 1, limits);
    STRCMP_EQUAL("multipart/mixed[text/plain<body>]", shape(message, t.root).c_str());
    STRCMP_EQUAL("<in", t.root.children[0].id->substr(0, 3).c_str());
    CHECK_FALSE(t.root.children[0].md5.has_value());
}

TEST(Structure, reads_no_more_addresses_than_the_limit) {
    std::string lines = "Content-Type: message/rfc822|To: ";
    for (int i = 0; i < 6'000; ++i) lines += "a@b,";
    lines += "||To: ";
    for (int i = 0; i < 6'000; ++i) lines += "a@b,";
    Structure const s = parsed(message_of(lines + "||"));
    CHECK_EQUAL(6'000, s.envelope.to.size());
    CHECK_EQUAL(4'000, s.root.children[0].envelope->to.size());
}

TEST(Structure, keeps_no_more_parameters_than_the_limit) {
    Limits limits;
    limits.parameters = 5;
    std::string const part = "--b|Content-Type: text/plain; c=d; e=f|Content-Disposition: inline; g=h; i=j||";
    std::string const message = message_of("Content-Type: multipart/mixed; boundary=b||" + part + part + "--b--|");
    CHECK_FALSE(parsed(message).truncated);
    Structure const s = parsed(message, 7, limits);
    CHECK_TRUE(s.truncated);
    CHECK_EQUAL(2, s.root.children[0].parameters.size());
    CHECK_EQUAL(2, s.root.children[0].disposition_parameters.size());
    CHECK_EQUAL(0, s.root.children[1].parameters.size());
}

TEST(Structure, tells_what_it_takes) {
    StructureParser parser;
    parser.feed("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    CHECK_TRUE(parser.held_octets() < 10'000);
    for (int i = 0; i < 900; ++i) parser.feed("--b\r\n\r\nx\r\n");
    CHECK_TRUE(parser.held_octets() > 900 * sizeof(Part));
}

TEST(Structure, survives_8_bit_nul_and_bare_cr) {
    std::string const message(
        "Subject: \xff\0\r\r\nContent-Type: multipart/x; boundary=\"\xe9\"\r\n\r\n--\xe9\r\n\r\n\0\r\r\n--\xe9--"sv);
    Structure const s = parsed(message);
    CHECK_EQUAL(1, s.root.children.size());
}

TEST(Structure, of_a_long_body_of_dashes_stays_whole) {
    std::string lines = "Content-Type: multipart/mixed; boundary=b||--b||";
    for (int i = 0; i < 500; ++i) lines += std::string(static_cast<std::size_t>(i), '-') + "|";
    Structure const s = parsed(message_of(lines + "|--b--|"));
    CHECK_EQUAL(1, s.root.children.size());
    CHECK_EQUAL(500, s.root.children[0].body_lines);
}

TEST(Structure, is_not_decoded_from_other_octets) {
    std::string const good = encode(parsed(message_of("Content-Type: multipart/mixed; boundary=b||--b||a|--b--|")));
    CHECK_TRUE(decode_structure(good).has_value());
    CHECK_FALSE(decode_structure("").has_value());
    CHECK_FALSE(decode_structure(good + "x").has_value());
    for (std::size_t i = 0; i < good.size(); ++i) CHECK_FALSE(decode_structure(good.substr(0, i)).has_value());
    std::string other_version = good;
    other_version[0] = 99;
    CHECK_FALSE(decode_structure(other_version).has_value());
}

TEST_GROUP(Section){};

// The example of RFC 3501 §6.4.5: HEADER, TEXT, MIME and numbers for
//   1 TEXT/PLAIN, 2 APPLICATION/OCTET-STREAM, 3 MESSAGE/RFC822 with 3.1 and 3.2,
//   4 MULTIPART/MIXED with 4.1 IMAGE/GIF and 4.2 MESSAGE/RFC822 with 4.2.1 TEXT/PLAIN and 4.2.2 MULTIPART/ALTERNATIVE
TEST(Section, numbers_parts_as_rfc_3501_does) {
    std::string const message =
        message_of("Content-Type: multipart/mixed; boundary=b||--b||1|--b|Content-Type: application/octet-stream||2|"
                   "--b|Content-Type: message/rfc822||Content-Type: multipart/mixed; "
                   "boundary=c||--c||3.1|--c|Content-Type: application/octet-stream||3.2|--c--|"
                   "--b|Content-Type: multipart/mixed; boundary=d||--d|Content-Type: image/gif||4.1|--d|Content-Type: "
                   "message/rfc822||"
                   "Content-Type: multipart/mixed; boundary=e||--e||4.2.1|--e|Content-Type: multipart/alternative; "
                   "boundary=f||--f||4.2.2.1|--f|"
                   "Content-Type: text/richtext||4.2.2.2|--f--|--e--|--d--|--b--|");
    std::string const packed = encode(parsed(message));
    StructureView const s = decode_structure(packed).value();
    auto const body = [&](std::vector<std::uint32_t> const& numbers) {
        auto const part = find(s.root, numbers);
        return part ? message.substr(part->body_begin, part->body_end - part->body_begin) : std::string("none");
    };
    STRCMP_EQUAL("1", body({1}).c_str());
    STRCMP_EQUAL("2", body({2}).c_str());
    STRCMP_EQUAL("3.1", body({3, 1}).c_str());
    STRCMP_EQUAL("3.2", body({3, 2}).c_str());
    STRCMP_EQUAL("4.1", body({4, 1}).c_str());
    STRCMP_EQUAL("4.2.1", body({4, 2, 1}).c_str());
    STRCMP_EQUAL("4.2.2.1", body({4, 2, 2, 1}).c_str());
    STRCMP_EQUAL("4.2.2.2", body({4, 2, 2, 2}).c_str());
    CHECK_TRUE(find(s.root, {}) == s.root);
    CHECK_TRUE(is_message(*find(s.root, std::vector<std::uint32_t>{3})));
    CHECK_TRUE(is_multipart(*find(s.root, std::vector<std::uint32_t>{4, 2, 2})));
    for (auto const& absent :
         std::vector<std::vector<std::uint32_t>>{{0}, {5}, {1, 1}, {3, 3}, {4, 3}, {4, 2, 3}, {4, 2, 2, 2, 1}})
        STRCMP_EQUAL("none", body(absent).c_str());
}

TEST(Section, numbers_a_message_that_is_no_multipart) {
    using Numbers = std::vector<std::uint32_t>;
    std::string const plain = encode(parsed(message_of("Subject: x||body")));
    PartView const p = decode_structure(plain)->root;
    CHECK_TRUE(find(p, Numbers{1}) == p);
    CHECK_FALSE(find(p, Numbers{2}).has_value());
    CHECK_FALSE(find(p, Numbers{1, 1}).has_value());
    std::string const carrier = encode(parsed(message_of("Content-Type: message/rfc822||Subject: x||body")));
    PartView const m = decode_structure(carrier)->root;
    CHECK_TRUE(find(m, Numbers{1}) == m);
    CHECK_TRUE(find(m, Numbers{1, 1}) == *m.children.begin());
    CHECK_FALSE(find(m, Numbers{1, 1, 1}).has_value());
}

TEST(Section, of_a_multipart_without_parts_is_none) {
    std::string const packed = encode(parsed(message_of("Content-Type: multipart/mixed||body")));
    CHECK_FALSE(find(decode_structure(packed)->root, std::vector<std::uint32_t>{1}).has_value());
}

} // namespace structure_test
