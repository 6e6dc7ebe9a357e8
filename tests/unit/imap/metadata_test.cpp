#include "imap_client.h"

using namespace postern::test;

TEST_GROUP(ImapMetadata) {
    ImapOffice office;
    ImapClient client{office};

    void setup() override { client.log_in(); }
};

// RFC 5464 §4.3
TEST(ImapMetadata, what_there_is_no_room_for_is_refused_with_all_that_came_with_it) {
    std::string const value = "{65000+}\r\n" + std::string(65'000, 'x');
    client.say("SETMETADATA INBOX (/private/comment \"before\")");
    for (int i = 0; i < 64; ++i)
        CHECK_HAS("OK ", client.say(std::format("SETMETADATA INBOX (/private/vendor/x/{} {})", i, value)));
    CHECK_HAS("NO [METADATA TOOMANY] ",
              client.say("SETMETADATA INBOX (/private/comment \"after\" /private/vendor/x/64 " + value + ")"));
    CHECK_HAS("(/private/comment \"before\" /private/vendor/x/64 NIL)",
              client.say("GETMETADATA INBOX (/private/comment /private/vendor/x/64)"));
}
