#include "wire/imap_body_structure.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace imap_body_structure_test {

using namespace postern;
using namespace postern::wire::imap;

namespace {

// As it is read from the store.
std::string shown(message::Part const& part, bool extensible) {
    message::Structure structure;
    structure.root = part;
    std::string const packed = message::encode(structure);
    std::string out;
    put_body_structure(out, message::decode_structure(packed).value().root, extensible);
    return out;
}

std::string body(message::Part const& part) { return shown(part, false); }
std::string body_structure(message::Part const& part) { return shown(part, true); }

message::Structure structure_of(std::string_view text, message::Limits limits = {}) {
    std::string octets;
    for (char const c : text) octets.append(c == '\n' ? "\r" : "").append(1, c);
    message::StructureParser parser(limits);
    parser.feed(octets);
    return parser.finish();
}

std::string envelope_of(std::string_view header) {
    std::string const packed = message::encode(structure_of(header).envelope);
    std::string out;
    put_envelope(out, message::decode_envelope(packed).value());
    return out;
}

} // namespace

TEST_GROUP(ImapBodyStructure){};

// RFC 3501 §8
TEST(ImapBodyStructure, an_envelope) {
    STRCMP_EQUAL("(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
                 "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                 "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                 "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
                 "((NIL NIL \"imap\" \"cac.washington.edu\")) "
                 "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
                 "\"<B27397-0100000@cac.washington.edu>\")",
                 envelope_of("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\n"
                             "From: Terry Gray <gray@cac.washington.edu>\n"
                             "Subject: IMAP4rev1 WG mtg summary and minutes\n"
                             "To: imap@cac.washington.edu\n"
                             "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\n"
                             "Message-Id: <B27397-0100000@cac.washington.edu>\n\n")
                     .c_str());
}

TEST(ImapBodyStructure, an_empty_envelope) {
    STRCMP_EQUAL("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", envelope_of("\n").c_str());
}

// RFC 3501 §7.4.2
TEST(ImapBodyStructure, groups_begin_and_end_with_a_host_of_nil) {
    STRCMP_EQUAL(
        "(NIL NIL NIL NIL NIL ((NIL NIL \"A Group\" NIL)(\"Ed\" NIL \"ed\" \"x.org\")(NIL NIL \"joe\" \"y.org\")"
        "(NIL NIL NIL NIL)(NIL NIL \"z\" \"z.org\")) ((NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)) NIL NIL NIL)",
        envelope_of("To: A Group: Ed <ed@x.org>, joe@y.org;, z@z.org\nCc: undisclosed:;\n\n").c_str());
}

TEST(ImapBodyStructure, an_address_without_domain_is_no_group) {
    STRCMP_EQUAL("(NIL NIL NIL NIL NIL ((NIL NIL \"alice\" \"\")) NIL NIL NIL NIL)",
                 envelope_of("To: alice\n\n").c_str());
}

// RFC 3501 §7.4.2
TEST(ImapBodyStructure, a_sender_and_reply_to_of_its_own) {
    STRCMP_EQUAL(
        "(NIL NIL ((NIL NIL \"a\" \"x\")) ((NIL NIL \"b\" \"x\")) ((NIL NIL \"c\" \"x\")) NIL NIL NIL NIL NIL)",
        envelope_of("From: a@x\nSender: b@x\nReply-To: c@x\n\n").c_str());
}

TEST(ImapBodyStructure, eight_bit_headers_are_literals) {
    STRCMP_EQUAL("(NIL {4}\r\nGr\xfc\xdf NIL NIL NIL NIL NIL NIL NIL NIL)",
                 envelope_of("Subject: Gr\xfc\xdf\n\n").c_str());
}

// RFC 3501 §7.4.2
TEST(ImapBodyStructure, a_text_and_a_mixed_body) {
    message::Part text;
    text.type = "TEXT";
    text.subtype = "PLAIN";
    text.parameters = {{"CHARSET", "US-ASCII"}};
    text.encoding = "7BIT";
    text.body_begin = 100;
    text.body_end = 100 + 1152;
    text.body_lines = 23;
    STRCMP_EQUAL("(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)", body(text).c_str());

    message::Part diff = text;
    diff.parameters.push_back({"NAME", "cc.diff"});
    diff.id = "<960723163407.20117h@cac.washington.edu>";
    diff.description = "Compiler diff";
    diff.encoding = "BASE64";
    diff.body_end = 100 + 4554;
    diff.body_lines = 73;
    message::Part mixed;
    mixed.type = "MULTIPART";
    mixed.subtype = "MIXED";
    mixed.parameters = {{"boundary", "x"}};
    mixed.children = {text, diff};
    STRCMP_EQUAL("((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)(\"TEXT\" \"PLAIN\" "
                 "(\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") \"<960723163407.20117h@cac.washington.edu>\" "
                 "\"Compiler diff\" \"BASE64\" 4554 73) \"MIXED\")",
                 body(mixed).c_str());
    STRCMP_EQUAL(
        "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23 NIL NIL NIL NIL)(\"TEXT\" \"PLAIN\" "
        "(\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") \"<960723163407.20117h@cac.washington.edu>\" "
        "\"Compiler diff\" \"BASE64\" 4554 73 NIL NIL NIL NIL) \"MIXED\" (\"boundary\" \"x\") NIL NIL NIL)",
        body_structure(mixed).c_str());
}

TEST(ImapBodyStructure, extension_data) {
    auto const image = structure_of("Content-Type: image/png; name=\"a \\\"b\\\".png\"\n"
                                    "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n"
                                    "Content-Disposition: attachment; filename=x.png; size=3\n"
                                    "Content-Language: de, en\n"
                                    "Content-Location: http://example.org/x.png\n"
                                    "Content-Transfer-Encoding: base64\n\nAAAA\n");
    STRCMP_EQUAL(
        "(\"image\" \"png\" (\"name\" \"a \\\"b\\\".png\") NIL NIL \"base64\" 6 \"Q2hlY2sgSW50ZWdyaXR5IQ==\" "
        "(\"attachment\" (\"filename\" \"x.png\" \"size\" \"3\")) (\"de\" \"en\") \"http://example.org/x.png\")",
        body_structure(image.root).c_str());
    auto const text = structure_of("Content-Disposition: inline\nContent-Language: en\n\nhi\n");
    STRCMP_EQUAL("(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 4 1 NIL (\"inline\" NIL) \"en\" NIL)",
                 body_structure(text.root).c_str());
}

TEST(ImapBodyStructure, a_message_within_a_message) {
    auto const outer = structure_of("Content-Type: message/rfc822\n\nFrom: a@b.c\nSubject: hi\n\nbody\n");
    STRCMP_EQUAL("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 34 "
                 "(NIL \"hi\" ((NIL NIL \"a\" \"b.c\")) ((NIL NIL \"a\" \"b.c\")) ((NIL NIL \"a\" \"b.c\")) "
                 "NIL NIL NIL NIL NIL) (\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 6 1) 4)",
                 body(outer.root).c_str());
}

// RFC 3501 §9 asks for what is not there: valid syntax stands in.
TEST(ImapBodyStructure, broken_multiparts_and_messages) {
    auto const childless = structure_of("Content-Type: multipart/mixed; boundary=x\n\nno parts here\n");
    STRCMP_EQUAL("((\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0) \"mixed\")", body(childless.root).c_str());
    message::Limits limits;
    limits.depth = 1;
    auto const cut = structure_of("Content-Type: message/rfc822\n\nSubject: x\n\n", limits);
    STRCMP_EQUAL("(\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 14 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
                 "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 0 0) 2)",
                 body(cut.root).c_str());
}

} // namespace imap_body_structure_test
