#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapMailboxes) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }
};

TEST(ImapMailboxes, a_new_account_has_its_special_mailboxes_and_is_subscribed_to_them) {
    CHECK_ANSWER("* LIST (\\HasNoChildren \\Archive) \"/\" Archive\r\n"
                 "* LIST (\\HasNoChildren \\Drafts) \"/\" Drafts\r\n"
                 "* LIST (\\HasNoChildren) \"/\" INBOX\r\n"
                 "* LIST (\\HasNoChildren \\Junk) \"/\" Junk\r\n"
                 "* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\n"
                 "* LIST (\\HasNoChildren \\Trash) \"/\" Trash\r\n"
                 "OK That is all\r\n",
                 client.say("LIST \"\" *"));
    CHECK_HAS("* LSUB () \"/\" INBOX\r\n", client.say("LSUB \"\" *"));
}

TEST(ImapMailboxes, list_tells_the_delimiter) {
    CHECK_ANSWER("* LIST (\\Noselect) \"/\" \"\"\r\nOK That is the delimiter\r\n", client.say("LIST \"\" \"\""));
}

TEST(ImapMailboxes, list_joins_the_reference_and_the_pattern) {
    client.say("CREATE Lists/imap/rev2");
    CHECK_ANSWER("* LIST (\\HasChildren) \"/\" Lists/imap\r\nOK That is all\r\n", client.say("LIST Lists/ %"));
    CHECK_ANSWER("* LIST (\\HasChildren) \"/\" Lists\r\n"
                 "* LIST (\\HasChildren) \"/\" Lists/imap\r\n"
                 "* LIST (\\HasNoChildren) \"/\" Lists/imap/rev2\r\nOK That is all\r\n",
                 client.say("LIST \"\" L*"));
    CHECK_ANSWER("OK That is all\r\n", client.say("LIST \"\" nothing%"));
}

TEST(ImapMailboxes, names_are_modified_utf_7_on_the_wire) {
    CHECK_HAS("OK ", client.say("CREATE names/&U,BTFw-"));
    CHECK_HAS("* LIST (\\HasNoChildren) \"/\" names/&U,BTFw-\r\n", client.say("LIST \"\" %/&U,BTFw-"));
    CHECK_HAS("NO ", client.say("CREATE &bad"));
}

TEST(ImapMailboxes, list_by_special_use) {
    CHECK_ANSWER("* LIST (\\HasNoChildren \\Junk) \"/\" Junk\r\nOK That is all\r\n",
                 client.say("LIST (SPECIAL-USE) \"\" J*"));
    CHECK_HAS("* LIST (\\HasNoChildren \\Subscribed \\Sent) \"/\" Sent\r\n",
              client.say("LIST \"\" S* RETURN (SPECIAL-USE SUBSCRIBED CHILDREN)"));
}

TEST(ImapMailboxes, list_with_status) {
    client.append("INBOX", "a: b\r\n\r\n");
    CHECK_ANSWER("* LIST (\\HasNoChildren) \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 1 UNSEEN 1)\r\nOK That is all\r\n",
                 client.say("LIST \"\" INBOX RETURN (STATUS (MESSAGES UNSEEN))"));
}

// RFC 3501 §6.3.9: the example of "LSUB %".
TEST(ImapMailboxes, lsub_shows_the_level_above_a_subscribed_name) {
    client.say("SUBSCRIBE foo/bar");
    CHECK_ANSWER("* LSUB (\\Noselect) \"/\" foo\r\nOK That is all\r\n", client.say("LSUB \"\" f%"));
    CHECK_ANSWER("* LSUB () \"/\" foo/bar\r\nOK That is all\r\n", client.say("LSUB \"\" f*"));
    CHECK_ANSWER("* LIST (\\NonExistent \\Subscribed) \"/\" foo/bar\r\nOK That is all\r\n",
                 client.say("LIST (SUBSCRIBED) \"\" f*"));
    client.say("UNSUBSCRIBE foo/bar");
    CHECK_ANSWER("OK That is all\r\n", client.say("LSUB \"\" f*"));
}

TEST(ImapMailboxes, create_refuses_what_is_there_and_what_cannot_be) {
    CHECK_HAS(" Created\r\n", client.say("CREATE Work/"));
    CHECK_HAS("NO [ALREADYEXISTS] ", client.say("CREATE Work"));
    CHECK_HAS("NO [ALREADYEXISTS] ", client.say("CREATE inbox"));
    CHECK_HAS("NO [CANNOT] ", client.say("CREATE a//b"));
}

TEST(ImapMailboxes, delete_leaves_a_name_that_has_children) {
    client.say("CREATE a/b");
    CHECK_HAS("OK Deleted\r\n", client.say("DELETE a"));
    CHECK_HAS("* LIST (\\Noselect \\HasChildren) \"/\" a\r\n", client.say("LIST \"\" a"));
    CHECK_HAS("NO [HASCHILDREN] ", client.say("DELETE a"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("SELECT a"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("STATUS a (MESSAGES)"));
    CHECK_HAS("OK Deleted\r\n", client.say("DELETE a/b"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("DELETE missing"));
    CHECK_HAS("NO [CANNOT] ", client.say("DELETE INBOX"));
}

TEST(ImapMailboxes, rename_takes_children_along) {
    client.say("CREATE a/b");
    CHECK_HAS("OK Renamed\r\n", client.say("RENAME a c"));
    CHECK_HAS("* LIST (\\HasNoChildren) \"/\" c/b\r\n", client.say("LIST \"\" c/*"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("RENAME a d"));
    CHECK_HAS("NO [ALREADYEXISTS] ", client.say("RENAME c Sent"));
}

// RFC 3501 §6.3.5
TEST(ImapMailboxes, renaming_inbox_moves_its_messages) {
    client.append("INBOX", "a: b\r\n\r\n");
    CHECK_HAS("OK Renamed\r\n", client.say("RENAME INBOX old"));
    CHECK_ANSWER("* STATUS INBOX (MESSAGES 0)\r\nOK That is its status\r\n", client.say("STATUS INBOX (MESSAGES)"));
    CHECK_HAS("* STATUS old (MESSAGES 1)\r\n", client.say("STATUS old (MESSAGES)"));
}

TEST(ImapMailboxes, status_tells_every_item) {
    client.append("INBOX", "a: b\r\n\r\n", "(\\Seen) ");
    client.append("INBOX", "a: b\r\n\r\nbody");
    std::string const answer =
        client.say("STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN SIZE HIGHESTMODSEQ)");
    CHECK_HAS("* STATUS INBOX (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY ", answer);
    CHECK_HAS(" UNSEEN 1 SIZE 20 HIGHESTMODSEQ ", answer);
    CHECK_HAS("RECENT 2", client.say("STATUS INBOX (RECENT)"));
    client.say("SELECT INBOX");
    CHECK_HAS("RECENT 0", client.say("STATUS INBOX (RECENT)"));
    client.say("UNSELECT");
    for (int i = 0; i < 3; ++i) client.append("INBOX", "a: b\r\n\r\n", "(\\Deleted) ");
    CHECK_HAS("RECENT 3", client.say("STATUS INBOX (RECENT)"));
    client.say("EXAMINE INBOX");
    ImapClient other(office);
    other.log_in();
    CHECK_HAS("RECENT 3", other.say("STATUS INBOX (RECENT)"));
}

TEST(ImapMailboxes, there_are_three_namespaces) {
    CHECK_ANSWER("* NAMESPACE ((\"\" \"/\")) ((\"Other Users/\" \"/\")) ((\"Shared/\" \"/\"))\r\n"
                 "OK Those are the namespaces\r\n",
                 client.say("NAMESPACE"));
}

TEST(ImapMailboxes, alice_does_not_see_what_is_bobs) {
    ImapClient bob(office);
    bob.log_in("bob");
    bob.say("CREATE secret");
    CHECK_ANSWER("OK That is all\r\n", client.say("LIST \"\" secret"));
    CHECK_HAS("NO [NONEXISTENT] ", client.say("SELECT secret"));
}
