#include "imap_parsed.h"
#include "wire/imap_acl.h"

namespace imap_acl_test {

using namespace postern;
using namespace postern::wire::imap;
using core::Right;
using core::Rights;

TEST_GROUP(ImapAcl){};

// RFC 4314 §2.1.1
TEST(ImapAcl, obsolete_letters_stand_for_two_rights_each) {
    CHECK(rights_of('c') == (Right::create_mailboxes | Right::delete_mailbox));
    CHECK(rights_of('d') == (Right::delete_messages | Right::expunge));
    CHECK(!rights_of('q') && !rights_of('L') && !rights_of('0') && !rights_of('\0'));
    STRCMP_EQUAL("", to_string(Rights()).c_str());
    STRCMP_EQUAL("kc", to_string(Right::create_mailboxes).c_str());
    STRCMP_EQUAL("ed", to_string(Right::expunge).c_str());
    STRCMP_EQUAL("lrswipkxtecda", to_string(Rights::all()).c_str());
}

// §3.1
TEST(ImapAcl, a_list_is_changed_in_three_ways) {
    auto const replaced = parsed<SetAcl>("a1 SETACL INBOX/Drafts John lrswida");
    STRCMP_EQUAL("INBOX/Drafts", replaced.mailbox.c_str());
    STRCMP_EQUAL("John", replaced.identifier.name.c_str());
    CHECK(!replaced.identifier.negative && replaced.action == SetAcl::Action::replace);
    STRCMP_EQUAL("lrswiteda", to_string(replaced.rights).c_str());
    auto const added = parsed<SetAcl>("a1 setacl inbox \"-John\" +cda");
    STRCMP_EQUAL("INBOX", added.mailbox.c_str());
    STRCMP_EQUAL("John", added.identifier.name.c_str());
    STRCMP_EQUAL("-John", added.identifier.given.c_str());
    CHECK(added.identifier.negative && added.action == SetAcl::Action::add);
    STRCMP_EQUAL("kxtecda", to_string(added.rights).c_str());
    CHECK(parsed<SetAcl>("a1 SETACL x y -w").action == SetAcl::Action::remove);
    CHECK(parsed<SetAcl>("a1 SETACL x y \"\"").rights.empty());
    refused("a1 SETACL INBOX John lrQswicda", "a1 BAD SETACL: There is no such right: Q");
    refused("a1 SETACL INBOX John lrqswicda", "a1 BAD SETACL: There is no such right: q");
    refused("a1 SETACL INBOX John +-w", "a1 BAD SETACL: There is no such right: -");
}

// §3: identifiers are prepared by SASLprep.
TEST(ImapAcl, an_identifier_is_prepared) {
    STRCMP_EQUAL("ab", parsed<DeleteAcl>("a1 DELETEACL x {4+}\r\na\xc2\xad"
                                         "b")
                           .identifier.name.c_str());
    STRCMP_EQUAL("anyone", parsed<ListRights>("a1 LISTRIGHTS x anyone").identifier.name.c_str());
    for (char const* bad : {"\"\"", "-", "{2+}\r\n\xc3(", "{1+}\r\n\x7f", "{2+}\r\n\xc2\xad"})
        refused(std::string("a1 LISTRIGHTS x ") + bad, "a1 BAD LISTRIGHTS: Not an identifier");
    STRCMP_EQUAL("x", parsed<GetAcl>("a1 GETACL x").mailbox.c_str());
    STRCMP_EQUAL("x", parsed<MyRights>("a1 MYRIGHTS x").mailbox.c_str());
    CHECK(parsed<List>("a1 LIST \"\" * RETURN (MYRIGHTS)").returns.my_rights);
}

// §3.6 to §3.8
TEST(ImapAcl, responses) {
    std::string out;
    std::pair<std::string, Rights> const entries[] = {
        {"Fred", Rights::all()}, {"-Fred", Right::write}, {"a b", Rights()}};
    put_acl(out, "INBOX", entries);
    put_acl(out, "Entw\xc3\xbcrfe", {}, true);
    put_list_rights(out, "~/Mail", "smith", {}, Rights::all());
    put_list_rights(out, "INBOX", "-fred", Right::lookup | Right::administer, Right::read);
    put_my_rights(out, "Entw\xc3\xbcrfe", Right::lookup | Right::read);
    STRCMP_EQUAL("* ACL INBOX Fred lrswipkxtecda -Fred w \"a b\" \"\"\r\n"
                 "* ACL \"Entw\xc3\xbcrfe\"\r\n"
                 "* LISTRIGHTS ~/Mail smith \"\" l r s w i p k x t e c d a\r\n"
                 "* LISTRIGHTS INBOX -fred la r\r\n"
                 "* MYRIGHTS Entw&APw-rfe lr\r\n",
                 out.c_str());
}

} // namespace imap_acl_test
