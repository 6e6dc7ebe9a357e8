// Replays a log (record.h): cuts the power at many places (cuts.h), and proves of what is left of the disk each time
// that the store opens, that its check passes, that each client finds what it was told is there (promises.h), and that
// the store can be worked on.
//
//     crash_replay check LOG WORK [data=PATH] [random=N] [seed=N] [failures=N] [without=KIND[:CLIENT]]
//         data: where the data directory lies in what was recorded
//         failures: stops after so many
//         without: records of that KIND (sync, sync_data or write_through) sync nothing; with a CLIENT only one of
//         them, the last before that client's second mark
//     crash_replay build LOG IMAGE DIRECTORY [random=N] [seed=N]
//         what cut IMAGE leaves
//     crash_replay compare LOG DIRECTORY
//         that the log tells all that happened to DIRECTORY
//     crash_replay state DIRECTORY
//         prints what a data directory holds
#include "core/log.h"
#include "cuts.h"
#include "disk.h"
#include "inspectors.h"
#include "promises.h"
#include "state.h"
#include "store/accounts.h"
#include "store/check.h"
#include "store/mailboxes.h"
#include "store/messages.h"

#include <charconv>
#include <cstdio>
#include <exception>
#include <format>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

using namespace postern;
using namespace postern::crash;

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string const& what) { throw std::runtime_error(what); }

std::string read_file(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) fail(std::format("{} cannot be read", path.native()));
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Options {
    CutOptions cuts;
    fs::path data;
    std::size_t failures = std::numeric_limits<std::size_t>::max();
};

std::size_t to_number(std::string_view text) {
    std::size_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr != text.data() + text.size())
        fail(std::format("{} is no number", text));
    return number;
}

void read_without(std::string_view value, CutOptions& cuts) {
    static std::map<std::string_view, Kind> const kinds{
        {"sync", Kind::sync}, {"sync_data", Kind::sync_data}, {"write_through", Kind::write_through}};
    auto const colon = value.find(':');
    cuts.without = kinds.at(value.substr(0, colon));
    if (colon != std::string_view::npos) cuts.client = value.substr(colon + 1);
}

Options read_options(std::span<char* const> words) {
    Options options;
    for (std::string_view const word : words) {
        auto const equals = word.find('=');
        auto const name = word.substr(0, equals);
        auto const value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
        if (name == "random")
            options.cuts.random = to_number(value);
        else if (name == "seed")
            options.cuts.seed = to_number(value);
        else if (name == "without")
            read_without(value, options.cuts);
        else if (name == "data")
            options.data = value;
        else if (name == "failures")
            options.failures = to_number(value);
        else
            fail(std::format("{} is no option", word));
    }
    return options;
}

void check_store(store::Store& store) {
    auto const report = store::check(store, true);
    if (!report) fail(std::string(store::describe(report.error())));
    if (!report->problems.empty()) fail("check: " + report->problems.front().what);
}

// Mail that takes pages of the file: those that lay unused must have been unused.
void work_on(store::Store& store) {
    constexpr store::WallTime now{std::chrono::seconds{1'800'000'000}};
    for (int i = 0; i < 3; ++i) {
        auto const done = store.write_here([&](store::WriteTransaction& transaction) -> store::Result<void> {
            auto const account = store::create_account(transaction, std::format("later{}", i), {}, false, now);
            if (!account) return std::unexpected(account.error());
            auto const inbox = store::find_mailbox(transaction, *account, "INBOX");
            store::NewMessage const message{.body = std::string(200'000, 'x'),
                                            .size = 200'000,
                                            .internal_date = now,
                                            .envelope = "envelope",
                                            .structure = "structure",
                                            .search_texts = {},
                                            .thread_keys = {},
                                            .signature = {}};
            return store::append(transaction, message, {.mailbox = inbox->id, .flags = {}, .keywords = {}}, {}, now)
                .transform([](auto const&) {});
        });
        if (!done) fail(std::format("it cannot be written to: {}", store::describe(done.error())));
    }
}

void check_image(fs::path const& directory, std::size_t record, Promises const& promises) {
    store::StoreOptions options;
    options.free_space = [] { return std::uint64_t{1} << 40; };
    auto const opened = store::Store::open(directory, options);
    if (!opened) fail(opened.error().reason);
    check_store(**opened);
    promises.check(record, read_state(**opened, directory));
    work_on(**opened);
    check_store(**opened);
}

int check(char const* log, fs::path const& work, Options const& options) {
    std::string const octets = read_file(log);
    auto const records = read_log(octets);
    Promises const promises(records);
    Inspectors inspectors;
    std::size_t count = 0;
    for_each_cut(records, options.cuts, [&](Cut const& cut, Disk const& disk) {
        if (inspectors.failed() >= options.failures) return;
        ++count;
        fs::path const directory = work / std::to_string(cut.number);
        inspectors.start(std::format("image {}, record {}", cut.number, cut.record), [&] {
            disk.write_out(directory, cut.power);
            check_image(directory / options.data, cut.record, promises);
            fs::remove_all(directory);
        });
    });
    inspectors.finish();
    std::size_t const failed = inspectors.failed();
    std::printf("%zu records, %zu passed, %zu failed\n", records.size(), count - failed, failed);
    return failed == 0 ? 0 : 1;
}

int build(char const* log, std::size_t image, fs::path const& directory, Options const& options) {
    std::string const octets = read_file(log);
    for_each_cut(read_log(octets), options.cuts, [&](Cut const& cut, Disk const& disk) {
        if (cut.number == image) disk.write_out(directory, cut.power);
    });
    return 0;
}

int compare(char const* log, fs::path const& directory) {
    std::string const octets = read_file(log);
    Disk disk;
    for (Record const& record : read_log(octets)) {
        disk.begin(record);
        disk.finish(record);
    }
    std::string const difference = disk.difference(directory, "lock.mdb"); // LMDB writes it by a shared mapping
    if (!difference.empty()) fail(difference);
    return 0;
}

int print_state(char const* directory) {
    auto const opened = store::Store::open(directory, {.read_only = true});
    if (!opened) fail(opened.error().reason);
    for (auto const& [owner, lines] : read_state(**opened, directory)) std::fputs(lines.c_str(), stdout);
    return 0;
}

} // namespace

int main(int count, char** words) {
    core::set_log_level(static_cast<core::Level>(0)); // what the store finds is printed here
    std::span<char* const> const all(words, static_cast<std::size_t>(count));
    std::string_view const command = count > 1 ? all[1] : "";
    try {
        if (command == "check" && count > 3) return check(all[2], all[3], read_options(all.subspan(4)));
        if (command == "build" && count > 4)
            return build(all[2], to_number(all[3]), all[4], read_options(all.subspan(5)));
        if (command == "compare" && count > 3) return compare(all[2], all[3]);
        if (command == "state" && count > 2) return print_state(all[2]);
        std::fputs("usage: crash_replay check|build|compare|state ...; see replay.cpp\n", stderr);
        return 2;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "crash_replay: %s\n", error.what());
        return 2;
    }
}
