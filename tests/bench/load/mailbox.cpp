// What one client does with a large mailbox, a command at a time: each is timed from its first octet sent to its tagged
// OK, and its untagged responses are counted, so that a quick wrong answer is no fast one.
#include "commands.h"
#include "corpus.h"
#include "imap_client.h"
#include "options.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

namespace postern::bench {

namespace {

// What a step is given, and what it leaves.
struct Course {
    Options const& options;
    ImapClient client;
    std::string mailbox;
    std::uint64_t exists = 0;
    std::vector<double> times = {}; // seconds
    std::uint64_t responses = 0, octets = 0;
    std::uint64_t wanted = 0; // responses; 0: any number
    std::uint64_t things = 1; // that one time is for

    ImapClient::Answer timed(std::string_view command) {
        auto const began = Clock::now();
        auto const answer = client.command(command);
        times.push_back(seconds_since(began));
        responses = answer.responses;
        octets = answer.octets;
        if (wanted != 0 && responses != wanted)
            throw std::runtime_error(std::format("{}: {} responses instead of {}", command, responses, wanted));
        return answer;
    }

    // A search with exactly one untagged response; `responses` becomes the hits.
    void search(std::string_view criterion) {
        std::uint64_t hits = 0;
        auto const began = Clock::now();
        auto const answer = client.command(std::format("SEARCH {}", criterion), [&](std::string_view response) {
            if (response.starts_with("SEARCH"))
                hits = static_cast<std::uint64_t>(std::ranges::count(response.substr(6), ' '));
        });
        times.push_back(seconds_since(began));
        responses = hits;
        octets = answer.octets;
    }

    // Mailboxes for the copies, fresh each time.
    void make(std::string_view name) {
        try {
            client.command(std::format("DELETE {}", name));
        } catch (std::runtime_error const&) {
        } // was not there
        client.command(std::format("CREATE {}", name));
    }
};

void copy(Course& course, std::uint64_t count) {
    course.make("bench-copy");
    course.things = count;
    course.timed(std::format("COPY 1:{} bench-copy", count));
}

void move(Course& course, std::uint64_t count) {
    course.make("bench-copy");
    course.make("bench-move");
    course.client.command(std::format("COPY 1:{} bench-copy", count));
    course.client.select("bench-copy");
    course.things = count;
    course.timed(std::format("MOVE 1:{} bench-move", count));
    course.client.select(course.mailbox);
}

void expunge(Course& course, std::uint64_t count) {
    course.make("bench-copy");
    course.client.command(std::format("COPY 1:{} bench-copy", count));
    course.client.select("bench-copy");
    course.client.command("STORE 1:* +FLAGS.SILENT (\\Deleted)");
    course.wanted = 0;
    course.things = count;
    course.timed("EXPUNGE");
    course.client.select(course.mailbox);
}

void append(Course& course, std::uint64_t count) {
    Corpus const corpus(course.options.number("seed", 1));
    std::uint64_t const first = course.options.number("first", 1'000'000);
    course.things = 1;
    for (std::uint64_t n = 0; n < count; ++n) {
        std::string const message = corpus.message(first + n);
        auto const began = Clock::now();
        course.client.append(course.mailbox, message, "\\Seen");
        course.times.push_back(seconds_since(began));
        course.octets += message.size();
    }
}

void run_step(Course& course, std::string const& step, std::uint64_t count) {
    Corpus const corpus(course.options.number("seed", 1));
    course.wanted = 0;
    if (step == "select") {
        course.timed(std::format("SELECT {}", course.mailbox));
    } else if (step == "overview") {
        course.wanted = course.things = course.exists;
        course.timed("FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
    } else if (step == "flags") {
        course.wanted = course.things = course.exists;
        course.timed("FETCH 1:* (UID FLAGS)");
    } else if (step == "bodies") {
        course.wanted = course.things = course.exists;
        course.timed("FETCH 1:* (UID BODY.PEEK[])");
    } else if (step == "search-from") {
        course.search(std::format("FROM \"{}\"", corpus.family_name(60)));
    } else if (step == "search-subject") {
        course.search(std::format("SUBJECT \"{}\"", corpus.word(400)));
    } else if (step == "search-body") {
        course.search(std::format("BODY \"{}\"", corpus.word(2500)));
    } else if (step == "search-absent") {
        course.search("BODY \"Zyzzogeton wuxqv\"");
    } else if (step == "search-two") { // too short for a signature
        course.search("BODY \"qj\"");
    } else if (step == "sort") {
        course.timed("SORT (SUBJECT REVERSE DATE) UTF-8 ALL");
    } else if (step == "thread") {
        course.timed("THREAD REFERENCES UTF-8 ALL");
    } else if (step == "store") { // sets and, next time, takes away, so that each changes all
        course.wanted = course.things = course.exists;
        course.timed(std::format("STORE 1:* {}FLAGS (\\Flagged)", course.times.size() % 2 == 0 ? '+' : '-'));
    } else if (step == "copy") {
        copy(course, count);
    } else if (step == "move") {
        move(course, count);
    } else if (step == "expunge") {
        expunge(course, count);
    } else if (step == "list") {
        course.timed("LIST \"\" *");
    } else if (step == "list-status") { // RFC 5819
        course.timed("LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN UIDNEXT))");
    } else if (step == "append") {
        append(course, count);
    } else {
        throw std::runtime_error("there is no step " + step);
    }
}

} // namespace

void mailbox(Options const& options) {
    Course course{.options = options, .client = ImapClient(options), .mailbox = options.text("mailbox")};
    std::string const step = options.text("step");
    if (step != "select") course.exists = course.client.select(course.mailbox);
    std::uint64_t const repeat = options.number("repeat", 1), count = options.number("count", 5000);
    for (std::uint64_t n = 0; n < repeat; ++n) run_step(course, step, count);

    auto& times = course.times;
    double sum = 0;
    for (double const time : times) sum += time;
    double const first = times.front() * 1000;
    std::ranges::sort(times);
    double const median = times[times.size() / 2];
    Figures figures;
    figures.add("ms", std::format("{:.3f}", median * 1000)).add("ms_min", std::format("{:.3f}", times.front() * 1000));
    figures.add("ms_max", std::format("{:.3f}", times.back() * 1000)).add("ms_first", std::format("{:.3f}", first));
    figures.add("times", times.size()).add("seconds", std::format("{:.4f}", sum)).add("things", course.things);
    figures.add("responses", course.responses).add("octets", course.octets);
    figures.add("rate", std::format("{:.1f}", static_cast<double>(times.size() * course.things) / sum));
    if (step == "bodies")
        figures.add("mb_per_s", std::format("{:.1f}", static_cast<double>(course.octets) / median / 1e6));
}

void fill(Options const& options) {
    Corpus const corpus(options.number("seed", 1));
    std::uint64_t const count = options.number("messages");
    std::string const name = options.text("mailbox");
    std::atomic<std::uint64_t> next = 0, octets = 0;
    ImapClient first(options);
    if (name != "INBOX") first.command(std::format("CREATE {}", name));
    std::exception_ptr failure;
    auto const work = [&] {
        try {
            ImapClient client(options);
            for (std::uint64_t n = next++; n < count; n = next++) {
                std::string const message = corpus.message(n, options.number("size", 0));
                client.append(name, message);
                octets += message.size();
            }
        } catch (...) {
            if (next.exchange(count) < count) failure = std::current_exception();
        }
    };
    auto const began = Clock::now();
    {
        std::vector<std::jthread> clients;
        for (std::uint64_t n = options.number("clients", 8); n > 0; --n) clients.emplace_back(work);
    }
    if (failure) std::rethrow_exception(failure);
    double const taken = seconds_since(began);
    Figures()
        .add("messages", first.count(name))
        .add("octets", octets.load())
        .add("seconds", std::format("{:.2f}", taken))
        .add("rate", std::format("{:.1f}", static_cast<double>(count) / taken));
}

void corpus(Options const& options) {
    Corpus const made(options.number("seed", 1));
    std::string const directory = options.text("dir", "");
    std::vector<std::size_t> sizes;
    for (std::uint64_t n = 0; n < options.number("messages"); ++n) {
        std::string const message = made.message(n, options.number("size", 0));
        sizes.push_back(message.size());
        if (!directory.empty()) std::ofstream(std::format("{}/{}.eml", directory, n), std::ios::binary) << message;
    }
    std::ranges::sort(sizes);
    std::size_t sum = 0;
    for (std::size_t const size : sizes) sum += size;
    Figures()
        .add("messages", sizes.size())
        .add("octets", sum)
        .add("smallest", sizes.front())
        .add("median", sizes[sizes.size() / 2])
        .add("largest", sizes.back())
        .add("family_name", made.family_name(60))
        .add("word", made.word(2500));
}

} // namespace postern::bench
