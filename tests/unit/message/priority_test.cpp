#include "message/priority.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <string_view>

namespace priority_test {

using namespace postern::message;

namespace {

void says(Urgency expected, std::string_view fields) {
    std::string const header = "From: a@b\r\n" + std::string(fields) + "\r\n\r\nImportance: high\r\n";
    CHECK_TRUE(find_urgency(HeaderSection(header)) == expected);
}

} // namespace

TEST_GROUP(Priority){};

TEST(Priority, a_message_is_normal_unless_it_says_otherwise) {
    says(Urgency::normal, "Subject: urgent");
    says(Urgency::normal, "Importance: normal\r\nX-Priority: 3 (Normal)\r\nPriority: normal");
    says(Urgency::normal, "Importance: higher\r\nX-Priority: 10\r\nPrecedence: first-class");
}

TEST(Priority, knows_what_mail_programs_write_for_urgent) {
    says(Urgency::urgent, "importance: High");
    says(Urgency::urgent, "Priority: urgent");
    says(Urgency::urgent, "X-Priority: 1 (Highest)");
    says(Urgency::urgent, "X-Priority:\r\n 2");
    says(Urgency::urgent, "X-MSMail-Priority: High\r\nX-Priority: 3");
}

TEST(Priority, knows_what_can_wait) {
    says(Urgency::bulk, "Importance: low");
    says(Urgency::bulk, "Priority: non-urgent");
    says(Urgency::bulk, "X-Priority: 5 (Lowest)");
    says(Urgency::bulk, "X-Priority: 4");
    says(Urgency::bulk, "X-MSMail-Priority: Low");
    says(Urgency::bulk, "Precedence: bulk");
    says(Urgency::bulk, "Precedence: LIST");
    says(Urgency::bulk, "Precedence: junk");
    says(Urgency::bulk, "List-Id: Friends <friends.example.com>");
}

TEST(Priority, bulk_mail_does_not_become_urgent) {
    says(Urgency::bulk, "Importance: high\r\nPrecedence: bulk");
    says(Urgency::bulk, "List-Id: <news.example.com>\r\nX-Priority: 1");
}

// RFC 6758
TEST(Priority, mt_priority_is_not_trusted) { says(Urgency::normal, "MT-Priority: 9"); }

} // namespace priority_test
