#include "imap_parsed.h"

namespace imap_metadata_test {

using namespace postern::wire::imap;

namespace {

std::string join(std::vector<std::string> const& entries) {
    std::string out;
    for (std::string const& entry : entries) out += "<" + entry + ">";
    return out;
}

} // namespace

TEST_GROUP(ImapMetadata){};

// RFC 5464 §4.2, with its examples.
TEST(ImapMetadata, get) {
    auto const one = parsed<GetMetadata>("a GETMETADATA \"\" /shared/comment");
    STRCMP_EQUAL("", one.mailbox.c_str());
    STRCMP_EQUAL("</shared/comment>", join(one.entries).c_str());
    CHECK(!one.max_size && one.depth == MetadataDepth::zero);
    STRCMP_EQUAL("</shared/comment></private/comment>",
                 join(parsed<GetMetadata>("a GETMETADATA inbox (/shared/comment /private/comment)").entries).c_str());
    STRCMP_EQUAL("</shared/comment></private/comment>",
                 join(parsed<GetMetadata>("a GETMETADATA inbox /shared/comment /private/comment").entries).c_str());
    STRCMP_EQUAL("</Shared/a b></private>",
                 join(parsed<GetMetadata>("a GETMETADATA x (\"/Shared/a b\" {8+}\r\n/private)").entries).c_str());
}

TEST(ImapMetadata, options_before_and_after_the_mailbox) {
    for (auto const text : {"a GETMETADATA (MAXSIZE 1024 depth INFINITY) INBOX (/private/filters)",
                            "a GETMETADATA INBOX (depth Infinity MAXSIZE 1024) (/private/filters)",
                            "a GETMETADATA inbox (MAXSIZE 1024 DEPTH infinity) /private/filters"}) {
        auto const get = parsed<GetMetadata>(text);
        STRCMP_EQUAL("INBOX", get.mailbox.c_str());
        STRCMP_EQUAL("</private/filters>", join(get.entries).c_str());
        CHECK(get.max_size == 1024 && get.depth == MetadataDepth::infinity);
    }
    CHECK(parsed<GetMetadata>("a GETMETADATA (DEPTH 1) x /shared").depth == MetadataDepth::one);
    refused("a GETMETADATA (DEPTH 2) x /shared", "a BAD GETMETADATA: Unknown depth 2");
    refused("a GETMETADATA (SIZE 2) x /shared", "a BAD GETMETADATA: Unknown option SIZE");
    refused("a GETMETADATA (MAXSIZE) x /shared", "a BAD GETMETADATA: A space is missing");
    refused("a GETMETADATA (MAXSIZE 1) x (DEPTH 1) /shared", "a BAD GETMETADATA: Not the name of an entry: DEPTH");
}

// §4.3
TEST(ImapMetadata, set) {
    auto const set = parsed<SetMetadata>("a SETMETADATA INBOX (/private/comment \"My new comment\" /shared/comment NIL "
                                         "/shared/vendor/x/y {4+}\r\nNIL\x01 /shared/z nil)");
    UNSIGNED_LONGS_EQUAL(4, set.values.size());
    STRCMP_EQUAL("/private/comment", set.values[0].entry.c_str());
    CHECK(set.values[0].value == "My new comment" && !set.values[1].value && !set.values[3].value);
    CHECK(set.values[2].value == "NIL\x01");
    auto const binary =
        parsed<SetMetadata>(std::string("a SETMETADATA \"\" (/private/comment ~{3+}\r\na") + '\0' + "b)");
    CHECK(binary.values[0].value == std::string("a\0b", 3));
    refused("a SETMETADATA x /private/comment \"y\"", "a BAD SETMETADATA: Missing (");
    refused("a SETMETADATA x ()", "a BAD SETMETADATA: Expected an atom or a string");
    refused("a SETMETADATA x (/private/comment)", "a BAD SETMETADATA: A space is missing");
    refused("a SETMETADATA x (/private/comment y)", "a BAD SETMETADATA: Expected a quoted string or a literal");
}

// §3.2
TEST(ImapMetadata, names_of_entries) {
    for (std::string const name : {"/comment", "private/x", "/private/", "/shared//x", "/privat/x", "/sharedx/y", "/"})
        refused("a GETMETADATA x " + name, "a BAD GETMETADATA: Not the name of an entry: " + name);
    refused("a GETMETADATA x \"/shared/*\"", "a BAD GETMETADATA: Not the name of an entry: /shared/*");
    refused("a GETMETADATA x \"/shared/\xc3\xa4\"", "a BAD GETMETADATA: Not the name of an entry:");
    refused("a GETMETADATA x \"/shared/\x7f\"", "a BAD GETMETADATA: Not the name of an entry:");
    for (std::string const name : {"/private", "/shared/vendor", "/shared/vendor/x"})
        refused("a SETMETADATA x (" + name + " NIL)", "a BAD SETMETADATA: Too few components in " + name);
    CHECK(parsed<SetMetadata>("a SETMETADATA x (/shared/vendors/x NIL)").values.size() == 1);
    refused("a GETMETADATA x /shared/" + std::string(248, 'x'), "a NO [CANNOT] The entry's name is too long");
    CHECK(parsed<GetMetadata>("a GETMETADATA x /shared/" + std::string(247, 'x')).entries.size() == 1);
    std::string many = "a GETMETADATA x (/shared/x";
    for (int i = 0; i < 100; ++i) many += " /shared/x";
    refused(many + ")", "a BAD GETMETADATA: Too many entries");
}

// RFC 9590 §5
TEST(ImapMetadata, of_listed_mailboxes) {
    auto const list =
        parsed<List>("A01 LIST \"\" % RETURN (METADATA (\"/shared/vendor/cmu/cyrus-imapd/color\") CHILDREN)");
    STRCMP_EQUAL("</shared/vendor/cmu/cyrus-imapd/color>", join(list.returns.metadata).c_str());
    CHECK(list.returns.children);
    refused("a LIST \"\" % RETURN (METADATA /shared/x)", "a BAD LIST: Missing (");
    refused("a LIST \"\" % RETURN (METADATA ())", "a BAD LIST: Expected an atom or a string");
}

} // namespace imap_metadata_test
