#include "message/threading.h"
#include "text/casemap.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace threading_test {

using namespace postern;
using namespace postern::message;
using namespace std::chrono_literals;

namespace {

std::string id(std::string_view name) { return "<" + std::string(name) + "@x>"; }

// Letters in `references` are Message-IDs. Sent and received in the order of their numbers, a minute each.
struct Threads {
    std::vector<Threaded> messages;

    Threads& add(std::string_view name, std::string_view references, std::string_view subject = "") {
        auto const number = static_cast<std::uint32_t>(messages.size()) + 1;
        Threaded one{.number = number,
                     .sent = std::chrono::sys_seconds(number * 60s),
                     .received = std::chrono::sys_seconds(number * 60s),
                     .keys = {},
                     .subject = base_subject(text::casemap(subject))};
        if (!name.empty()) one.keys.id = reference_hashes(id(name)).front();
        for (char const reference : references)
            one.keys.references.push_back(reference_hashes(id(std::string(1, reference))).front());
        messages.push_back(std::move(one));
        return *this;
    }
    Threads& at(int minutes) {
        messages.back().sent = std::chrono::sys_seconds(minutes * 60s);
        return *this;
    }
};

// Each node with its replies in parentheses: 1(2(3)4), 0 for what is no message.
std::string spell(std::vector<ThreadNode> const& nodes) {
    std::size_t next = 0;
    std::function<std::string()> const tree = [&] {
        ThreadNode const node = nodes.at(next++);
        std::string out = std::to_string(node.number);
        if (node.replies == 0) return out;
        out += '(';
        for (std::uint32_t i = 0; i < node.replies; ++i) out += (i > 0 ? " " : "") + tree();
        return out + ')';
    };
    std::string out;
    while (next < nodes.size()) out += (out.empty() ? "" : " ") + tree();
    return out;
}

void references(char const* expected, Threads const& mailbox) {
    STRCMP_EQUAL(expected, spell(thread_by_references(mailbox.messages)).c_str());
}
void refs(char const* expected, Threads const& mailbox) {
    STRCMP_EQUAL(expected, spell(thread_by_refs(mailbox.messages)).c_str());
}
void by_subject(char const* expected, Threads const& mailbox) {
    STRCMP_EQUAL(expected, spell(thread_by_subject(mailbox.messages)).c_str());
}

} // namespace

// RFC 5256 §3
TEST_GROUP(Threading){};

TEST(Threading, of_nothing_there_is_none) {
    references("", {});
    refs("", {});
    by_subject("", {});
}

TEST(Threading, replies_stand_below_what_they_answer) {
    references("1(2(3) 4)", Threads().add("a", "").add("b", "a").add("c", "ab").add("d", "a"));
    references("1 2", Threads().add("a", "").add("b", ""));
}

TEST(Threading, what_comes_before_its_parent_is_found_all_the_same) {
    references("3(2(1))", Threads().add("c", "ab").add("b", "a").add("a", ""));
}

TEST(Threading, who_is_missing_is_left_out) {
    // "a" and "b" are not here: "c" hangs below nobody, and "d" below "c".
    references("1(2)", Threads().add("c", "ab").add("d", "abc"));
    // Two replies to a missing message stay together.
    references("0(1 2)", Threads().add("b", "a").add("c", "a"));
    // A missing one between two messages makes room for its replies.
    references("1(2 3)", Threads().add("a", "").add("c", "ab").add("d", "ab"));
    // What is missing below a missing root.
    references("0(1 2 3)", Threads().add("c", "ab").add("d", "ab").add("e", "a"));
}

TEST(Threading, the_message_itself_says_best_what_it_answers) {
    // The third says that "b" answers "a"; "b" itself says that it answers "x".
    references("1 2(3(4))", Threads().add("a", "").add("x", "").add("b", "x").add("c", "ab"));
    references("1 4(2(3))", Threads().add("a", "").add("b", "x").add("c", "ab").add("x", ""));
}

TEST(Threading, there_are_no_loops) {
    references("2(1)", Threads().add("a", "b").add("b", "a"));
    references("1", Threads().add("a", "a"));
    references("3(1(2))", Threads().add("a", "c").add("b", "a").add("c", "bb").at(3));
    references("0(1 2)", Threads().add("c", "abab").add("d", "ba"));
}

TEST(Threading, of_two_with_one_id_the_first_has_it) {
    references("1(3) 2", Threads().add("a", "").add("a", "").add("b", "a"));
    references("1 2", Threads().add("", "").add("", ""));
}

TEST(Threading, siblings_stand_by_when_they_were_sent) {
    references("2 1(4 3)", Threads().add("a", "").at(10).add("b", "").at(5).add("c", "a").at(20).add("d", "a").at(15));
    // A thread whose first message is missing stands by the earliest of those below.
    references("3 0(2 1)", Threads().add("b", "a").at(9).add("c", "a").at(7).add("d", "").at(6));
}

TEST(Threading, of_the_same_time_the_lower_number_is_first) {
    references("1 2 3", Threads().add("a", "").at(5).add("b", "").at(5).add("c", "").at(5));
}

TEST(Threading, equal_subjects_are_gathered) {
    // A reply without references goes below the original.
    references("1(2)", Threads().add("a", "", "lunch").add("b", "", "Re: Lunch"));
    references("2(1)", Threads().add("b", "", "Re: lunch").add("a", "", "lunch"));
    // Two originals stand side by side, as do two replies.
    references("0(1 2)", Threads().add("a", "", "lunch").add("b", "", "lunch"));
    references("0(1 2)", Threads().add("a", "", "Re: lunch").add("b", "", "Re: lunch"));
    references("0(1 2 3)", Threads().add("a", "", "lunch").add("b", "", "lunch").add("c", "", "lunch"));
    // Replies to what is missing, and another of that subject.
    references("0(1 2 3)", Threads().add("b", "a", "Re: lunch").add("c", "a", "Re: lunch").add("d", "", "lunch"));
    references("0(1 2 3 4)", Threads()
                                 .add("b", "a", "Re: lunch")
                                 .add("c", "a", "Re: lunch")
                                 .add("d", "e", "Re: lunch")
                                 .add("f", "e", "Re: lunch"));
    // Nothing is no subject.
    references("1 2", Threads().add("a", "", "").add("b", "", "Re: "));
    // Only the first message of a thread has a subject.
    references("1(2) 3", Threads().add("a", "", "lunch").add("b", "a", "dinner").add("c", "", "dinner"));
}

TEST(Threading, refs_ignores_subjects_and_puts_the_newest_thread_last) {
    refs("1 2", Threads().add("a", "", "lunch").add("b", "", "Re: lunch"));
    refs("2 1(3)", Threads().add("a", "").add("b", "").add("c", "a"));
    refs("1(3 2) 4", Threads().add("a", "").add("b", "a").at(9).add("c", "a").at(8).add("d", "").at(0));
}

TEST(Threading, by_subject_alone_there_are_no_grandchildren) {
    by_subject(
        "1(3 4) 2",
        Threads().add("a", "", "lunch").add("b", "", "dinner").add("c", "b", "Re: lunch").add("d", "c", "LUNCH"));
    by_subject("2(1)", Threads().add("a", "", "x").at(5).add("b", "", "x").at(4));
    by_subject("2 1", Threads().add("a", "", "x").at(5).add("b", "", "y").at(4));
}

// Each message of each mailbox is there once, whatever it refers to; and each reply knows its parent, where they came
// in order.
TEST(Threading, long_chains) {
    Threads forwards, backwards;
    std::size_t const length = 10'000;
    auto const hash = [](std::size_t n) { return reference_hashes(id(std::to_string(n))).front(); };
    for (std::size_t n = 0; n < length; ++n) {
        forwards.add(std::to_string(n), "");
        if (n > 0) forwards.messages.back().keys.references = {hash(n - 1)};
        backwards.add(std::to_string(length - n), "");
        backwards.messages.back().keys.references = {hash(length - n - 1)};
    }
    for (auto const* mailbox : {&forwards, &backwards})
        for (auto const& nodes : {thread_by_references(mailbox->messages), thread_by_refs(mailbox->messages)}) {
            CHECK_EQUAL(length, nodes.size());
            CHECK_EQUAL(static_cast<std::ptrdiff_t>(length - 1), std::ranges::count(nodes, 1U, &ThreadNode::replies));
        }
}

} // namespace threading_test
