#include "office/metadata_news.h"

#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

using namespace postern;
using office::MetadataNews;

namespace {

constexpr core::AccountId alice{1}, bob{2}, nobody{0};

std::string told(MetadataNews::Listener& listener) {
    std::string out;
    for (auto const& [mailbox, entries] : listener.take()) {
        out += mailbox + ":";
        for (std::string const& entry : entries) out += " " + entry;
        out += ";";
    }
    return out;
}

} // namespace

TEST_GROUP(MetadataNews) {
    MetadataNews news;
    int woken = 0;
    MetadataNews::Listener first{news, alice, {}, [this] { ++woken; }};
    MetadataNews::Listener second{news, alice, {}, [] {}};
    MetadataNews::Listener other{news, bob, {}, [] {}};

    void publish(core::AccountId account, std::string const& mailbox, std::vector<std::string> const& entries,
                 MetadataNews::Listener const* by = nullptr) {
        news.publish(account, mailbox, entries, by);
    }
};

TEST(MetadataNews, reach_the_other_sessions_of_the_account_once) {
    publish(alice, "INBOX", {"/shared/b", "/private/a"}, &second);
    publish(alice, "INBOX", {"/shared/b"}, &second);
    publish(alice, "Sent", {"/private/a"}, &second);
    CHECK(first.has_news() && !second.has_news() && !other.has_news());
    LONGS_EQUAL(3, woken);
    STRCMP_EQUAL("INBOX: /private/a /shared/b;Sent: /private/a;", told(first).c_str());
    CHECK(!first.has_news());
}

TEST(MetadataNews, of_nobody_reach_everybody) {
    publish(nobody, "", {"/shared/comment"}, &first);
    STRCMP_EQUAL("", told(first).c_str());
    STRCMP_EQUAL(": /shared/comment;", told(second).c_str());
    STRCMP_EQUAL(": /shared/comment;", told(other).c_str());
}

TEST(MetadataNews, take_no_more_memory_than_there_is) {
    net::MemoryBudget budget(4000);
    MetadataNews::Listener poor(news, alice, net::MemoryShare(budget, "192.168.1.20"), [] {});
    for (int i = 0; i < 1000; ++i) publish(alice, "INBOX", {"/private/vendor/x/" + std::to_string(i)});
    CHECK(budget.held() > 1000 && budget.held() <= 4000);
    CHECK(poor.has_news());
    (void)poor.take();
    LONGS_EQUAL(0, budget.held());
}
