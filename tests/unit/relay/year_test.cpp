// A year of an office whose internet comes and goes, on a clock of its own: what must hold whatever happens when.
#include "sending_office.h"
#include "store/check.h"

#include <map>
#include <random>
#include <set>

using namespace postern;
using namespace postern::test;

TEST_GROUP_BASE(Year, SendingOffice) {
    static constexpr auto step = 6h;
    static constexpr unsigned messages_of_a_step = 8;

    std::mt19937 chance{2026};
    unsigned sent = 0;
    std::map<std::string, unsigned> greylisted; // recipients that were put off, and how often
    std::map<std::string, core::Urgency> urgency_of;
    bool was_cut = false;

    bool one_in(unsigned times) { return chance() % times == 0; }

    // Whom each is for says what becomes of it.
    std::string next_recipient() {
        constexpr std::string_view kinds[] = {"taken", "taken", "taken", "taken", "taken",
                                              "taken", "late",  "no",    "never"};
        return std::format("{}-{}@example.org", kinds[chance() % std::size(kinds)], ++sent);
    }

    void write_mail() {
        for (unsigned i = 0; i < messages_of_a_step; ++i) {
            Mail mail;
            mail.to = {next_recipient()};
            if (one_in(10)) mail.to.push_back(next_recipient());
            mail.urgency = static_cast<core::Urgency>(chance() % 3);
            for (auto const& recipient : mail.to) urgency_of[recipient] = mail.urgency;
            queue(mail);
        }
    }

    void play_relay() {
        net.answer = [this](std::string_view command) -> std::optional<std::string> {
            if (command == "content" && one_in(200)) {
                was_cut = true;
                return "cut";
            }
            if (!command.starts_with("RCPT")) return std::nullopt;
            auto const recipient = std::string(command.substr(9, command.find('>') - 9));
            if (recipient.starts_with("no-")) return "550 5.1.1 No such user";
            if (recipient.starts_with("never-")) return "451 4.2.1 Not today";
            if (recipient.starts_with("late-") && ++greylisted[recipient] < 3) return "451 4.7.1 Greylisted";
            return std::nullopt;
        };
    }

    // How long it is there, or away: mostly hours, sometimes weeks.
    std::chrono::hours how_long(bool there) {
        if (there) return std::chrono::hours(6 + chance() % 120);
        return one_in(8) ? std::chrono::hours(24 * (1 + chance() % 20)) : std::chrono::hours(3 + chance() % 24);
    }

    // Those that were under way when a connection broke, and have to wait some seconds.
    std::set<std::string> cut_before() {
        std::set<std::string> recipients;
        for (auto const& item : items())
            if (item.cuts > 0) recipients.insert(item.recipient);
        return recipients;
    }

    // Of what was received since so many were: urgent mail, then other, then bulk.
    void check_order(std::size_t since, std::set<std::string> const& set_back) {
        if (was_cut) return;
        auto last = core::Urgency::urgent;
        for (auto const& one : std::span(net.received).subspan(since)) {
            auto const recipient = one.rcpt.front().substr(9, one.rcpt.front().find('>') - 9);
            if (!recipient.starts_with("taken-") || set_back.contains(recipient)) continue;
            CHECK_TEXT(urgency_of.at(recipient) >= last, recipient.c_str());
            last = urgency_of.at(recipient);
        }
    }
};

TEST(Year, each_message_is_delivered_once_or_returned_with_its_reason) {
    play_relay();
    start();
    auto left = how_long(true);
    for (std::chrono::hours now{}; now < std::chrono::days(365); now += step) {
        write_mail();
        settle();
        auto const before = net.received.size();
        bool const returns = left <= 0h && !net.reachable;
        auto const set_back = returns ? cut_before() : std::set<std::string>();
        if (left <= 0h) {
            net.reachable = !net.reachable;
            left = how_long(net.reachable);
        }
        left -= step;
        was_cut = false;
        advance(step);
        if (returns) check_order(before, set_back);
        if (now % 24h == 0h) asio_run([&] { return dispatcher->look_for_outages(); });
        net.commands.clear();
    }
    // All that may wait has its time, and more.
    net.reachable = true;
    for (std::chrono::hours now{}; now < std::chrono::days(10); now += step) advance(step);
    CHECK(items().empty());
    CHECK(store::check(fixture.store(), true)->problems.empty());

    std::map<std::string, unsigned> arrived;
    for (auto const& one : net.received)
        for (auto const& rcpt : one.rcpt) ++arrived[rcpt.substr(9, rcpt.find('>') - 9)];
    std::map<std::string, unsigned> returned;
    for (auto const& notice : inbox()) {
        if (!notice.contains("Subject: Not delivered:")) continue;
        for (auto at = notice.find("Final-Recipient: rfc822;"); at != std::string::npos;
             at = notice.find("Final-Recipient: rfc822;", at + 1)) {
            auto const begin = notice.find_first_not_of(' ', at + 24);
            auto const end = notice.find('\r', begin);
            // In the same notice others may only be said to wait.
            if (notice.substr(end).starts_with("\r\nAction: failed")) ++returned[notice.substr(begin, end - begin)];
        }
    }
    unsigned expired = 0;
    for (auto const& [recipient, urgency] : urgency_of) {
        bool const arrives = recipient.starts_with("taken-") || recipient.starts_with("late-");
        UNSIGNED_LONGS_EQUAL_TEXT(arrives ? 1 : 0, arrived[recipient], recipient.c_str());
        UNSIGNED_LONGS_EQUAL_TEXT(arrives ? 0 : 1, returned[recipient], recipient.c_str());
        expired += recipient.starts_with("never-") ? 1 : 0;
    }
    CHECK(sent > 10'000 && expired > 500);
}
