#include "imap_parsed.h"

namespace imap_quota_test {

using namespace postern::wire::imap;

TEST_GROUP(ImapQuota){};

// RFC 9208 §4.1, with its examples.
TEST(ImapQuota, commands) {
    STRCMP_EQUAL("!partition/sda4", parsed<GetQuota>("G0001 GETQUOTA \"!partition/sda4\"").root.c_str());
    STRCMP_EQUAL("", parsed<GetQuota>("a getquota \"\"").root.c_str());
    STRCMP_EQUAL("INBOX", parsed<GetQuotaRoot>("G0002 GETQUOTAROOT inbox").mailbox.c_str());
    auto const set = parsed<SetQuota>("S0001 SETQUOTA \"#user/alice\" (STORAGE 510)");
    STRCMP_EQUAL("#user/alice", set.root.c_str());
    CHECK(set.storage == 510 && !set.messages);
    auto const both = parsed<SetQuota>("a SETQUOTA x (message 0 Storage 9223372036854775807)");
    CHECK(both.storage == 9223372036854775807 && both.messages == 0);
    auto const none = parsed<SetQuota>("a SETQUOTA {1}\r\nx ()");
    CHECK(!none.storage && !none.messages);
}

TEST(ImapQuota, what_is_refused) {
    refused("a GETQUOTA", "a BAD GETQUOTA: Arguments are missing");
    refused("a GETQUOTA x y", "a BAD GETQUOTA: Unexpected text at the end of the command");
    refused("a GETQUOTAROOT", "a BAD GETQUOTAROOT: Arguments are missing");
    refused("a SETQUOTA x", "a BAD SETQUOTA: Arguments are missing");
    refused("a SETQUOTA x ( )", "a BAD SETQUOTA: Expected a resource");
    refused("a SETQUOTA x (STORAGE)", "a BAD SETQUOTA: A space is missing");
    refused("a SETQUOTA x (STORAGE -1)", "a BAD SETQUOTA: Expected a limit");
    refused("a SETQUOTA x (STORAGE 9223372036854775808)", "a BAD SETQUOTA: Too large a number: 9223372036854775808");
    refused("a SETQUOTA x (STORAGE 1 STORAGE 1)", "a BAD SETQUOTA: A resource is named twice");
    refused("a SETQUOTA x (MAILBOX 1)", "a NO [CANNOT] Only STORAGE and MESSAGE are limited");
}

} // namespace imap_quota_test
