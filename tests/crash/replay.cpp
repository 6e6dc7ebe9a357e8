// Replays a log (record.h): cuts the power at many places, and proves of what is left of the disk each time (disk.h)
// that the store opens, that its check passes, that it can be worked on, and that each client finds what it was told is
// there: what it saw last, or what its next operation makes of it, nothing else (state.h).
//
// The cuts: after each sync, with all that was written and with nothing that was not synced; and `random` ones while
// any call is under way, with any part of what was not synced.
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
#include "disk.h"
#include "state.h"
#include "store/accounts.h"
#include "store/check.h"
#include "store/mailboxes.h"
#include "store/messages.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <format>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace postern;
using namespace postern::crash;

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::string const& what) { throw std::runtime_error(what); }

// Beyond this an image's check has not slowed down but hangs.
constexpr unsigned seconds_an_image = 120;

class MappedFile {
public:
    explicit MappedFile(char const* path) {
        int const file = ::open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0) throw std::system_error(errno, std::generic_category(), path);
        size_ = fs::file_size(path);
        octets_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
        ::close(file);
        if (octets_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), path);
    }
    ~MappedFile() { ::munmap(octets_, size_); }
    MappedFile(MappedFile const&) = delete;
    MappedFile& operator=(MappedFile const&) = delete;

    [[nodiscard]] std::string_view octets() const { return {static_cast<char const*>(octets_), size_}; }

private:
    void* octets_;
    std::size_t size_;
};

struct Options {
    fs::path data;
    std::size_t random = 500;
    std::uint64_t seed = 1;
    std::size_t failures = 1'000'000;
    std::optional<Kind> without; // syncs that are none
    std::string_view client;     // only the one that it relies on; empty: all
};

std::size_t to_number(std::string_view text) {
    std::size_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr != text.data() + text.size())
        fail(std::format("{} is no number", text));
    return number;
}

Options read_options(std::span<char* const> words) {
    Options options;
    for (std::string_view const word : words) {
        auto const equals = word.find('=');
        auto const name = word.substr(0, equals);
        auto const value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
        if (name == "random") {
            options.random = to_number(value);
        } else if (name == "data") {
            options.data = value;
        } else if (name == "seed") {
            options.seed = to_number(value);
        } else if (name == "failures") {
            options.failures = to_number(value);
        } else if (name == "without") {
            auto const colon = value.find(':');
            static std::map<std::string_view, Kind> const kinds{
                {"sync", Kind::sync}, {"sync_data", Kind::sync_data}, {"write_through", Kind::write_through}};
            options.without = kinds.at(value.substr(0, colon));
            if (colon != std::string_view::npos) options.client = value.substr(colon + 1);
        } else {
            fail(std::format("{} is no option", word));
        }
    }
    return options;
}

bool syncs(Kind kind) {
    return kind == Kind::sync || kind == Kind::sync_data || kind == Kind::sync_all || kind == Kind::write_through;
}

// Which records sync.
std::vector<bool> find_syncs(std::vector<Record> const& records, Options const& options) {
    std::vector<bool> sync;
    std::size_t last = records.size(); // of the kind to be taken out
    int marks = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        Record const& record = records[i];
        bool const chosen = options.without == record.kind;
        if (chosen) last = i;
        sync.push_back(syncs(record.kind) && !(chosen && options.client.empty()));
        if (record.kind == Kind::mark && record.path == options.client && ++marks == 2) sync.at(last) = false;
    }
    return sync;
}

struct Cut {
    std::size_t record = 0; // during this one, or after it
    bool after = false;
    enum { newest, sure, random } what = newest;
};

// In the order of the log.
std::vector<Cut> plan(std::vector<Record> const& records, std::vector<bool> const& sync, Options const& options) {
    std::vector<Cut> cuts;
    for (std::size_t i = 0; i < sync.size(); ++i) {
        if (sync[i]) cuts.push_back(Cut{i, true, Cut::newest});
        if (sync[i] || records[i].kind == Kind::mark) cuts.push_back(Cut{i, true, Cut::sure});
    }
    std::mt19937_64 random(options.seed);
    std::uniform_int_distribution<std::size_t> any(0, sync.size() - 1);
    for (std::size_t i = 0; i < options.random; ++i) cuts.push_back(Cut{any(random), false, Cut::random});
    std::ranges::stable_sort(cuts, {}, [](Cut const& cut) { return std::pair(cut.record, cut.after); });
    return cuts;
}

PowerCut power_cut(Cut const& cut, std::uint64_t seed) {
    switch (cut.what) {
    case Cut::newest: return {.survivor = [](std::size_t count) { return count - 1; }};
    case Cut::sure: return {.survivor = [](std::size_t) { return 0; }};
    case Cut::random: break;
    }
    std::mt19937_64 random(seed);
    constexpr std::array<std::uint64_t, 3> units{512, 4096, 65536};
    constexpr std::array<double, 3> shares{0.02, 0.5, 0.98}; // hardly anything, half, nearly everything
    auto const unit = units[random() % units.size()];
    auto const share = shares[random() % shares.size()];
    return {unit, [random, share](std::size_t count) mutable {
                if (count == 1 || std::bernoulli_distribution(share)(random)) return count - 1;
                return std::uniform_int_distribution<std::size_t>(0, count - 2)(random);
            }};
}

// What each client knows, and when it knew it.
class Promises {
public:
    explicit Promises(std::vector<Record> const& records) {
        for (std::size_t i = 0; i < records.size(); ++i)
            if (records[i].kind == Kind::mark) marks_[std::string(records[i].path)].push_back({i, records[i].data});
    }

    // Throws where a client does not find what it was told is there, or finds what nobody put there.
    void check(std::size_t record, State const& state) const {
        for (auto const& [owner, marks] : marks_) {
            auto const next = std::ranges::upper_bound(marks, record, {}, &Mark::record);
            if (next == marks.begin()) continue; // it was told nothing yet
            auto const found = state.find(owner);
            std::string_view const lines = found == state.end() ? std::string_view() : found->second;
            std::string_view const known = std::prev(next)->lines;
            if (lines != known && (next == marks.end() || lines != next->lines))
                fail(std::format("{} misses:\n{}and finds:\n{}", owner, lines_only_in(known, lines),
                                 lines_only_in(lines, known)));
        }
        for (auto const& [owner, lines] : state)
            if (!marks_.contains(owner)) fail(std::format("nobody put there\n{}", lines));
    }

private:
    static std::string lines_only_in(std::string_view these, std::string_view those) {
        std::string only;
        while (!these.empty()) {
            auto const line = these.substr(0, these.find('\n') + 1);
            if (!those.contains(line)) only += line;
            these.remove_prefix(line.size());
        }
        return only;
    }

    struct Mark {
        std::size_t record;
        std::string_view lines;
    };
    std::map<std::string, std::vector<Mark>> marks_;
};

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
                                            .structure = "structure"};
            return store::append(transaction, message, {.mailbox = inbox->id, .flags = {}, .keywords = {}}, 0, now)
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

// Images are checked in processes of their own, since a store that lost a page may take its program down with it.
class Inspectors {
public:
    // What `inspect` throws, or what it dies of, is printed under `name`.
    template <typename Inspect> void start(std::string name, Inspect inspect) {
        if (running_.size() >= std::max(1U, std::thread::hardware_concurrency())) wait_for_one();
        std::fflush(stdout);
        pid_t const child = ::fork();
        if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
        if (child == 0) ::_exit(report(name, inspect));
        running_.emplace(child, std::move(name));
    }

    void finish() {
        while (!running_.empty()) wait_for_one();
    }

    [[nodiscard]] std::size_t failed() const { return failed_; }

private:
    template <typename Inspect> static int report(std::string const& name, Inspect& inspect) {
        rlimit const no_core{};
        ::setrlimit(RLIMIT_CORE, &no_core);
        ::alarm(seconds_an_image);
        try {
            inspect();
            return 0;
        } catch (std::exception const& error) {
            std::string const text = std::format("{}: {}\n", name, error.what());
            std::fputs(text.c_str(), stdout);
            std::fflush(stdout);
            return 1;
        }
    }

    void wait_for_one() {
        int status = 0;
        pid_t const child = ::wait(&status);
        auto const ended = running_.extract(child);
        if (ended.empty() || status == 0) return;
        ++failed_;
        if (WIFSIGNALED(status)) std::printf("%s: died of signal %d\n", ended.mapped().c_str(), WTERMSIG(status));
    }

    std::map<pid_t, std::string> running_;
    std::size_t failed_ = 0;
};

// Calls visit(number, cut, disk) for each cut.
template <typename Visit> void for_each_cut(std::vector<Record> const& records, Options const& options, Visit visit) {
    auto const sync = find_syncs(records, options);
    auto const cuts = plan(records, sync, options);
    Disk disk;
    std::size_t number = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        disk.begin(records[i]);
        for (; number < cuts.size() && cuts[number].record == i && !cuts[number].after; ++number)
            visit(number, cuts[number], disk);
        if (sync[i]) disk.finish(records[i]);
        for (; number < cuts.size() && cuts[number].record == i; ++number) visit(number, cuts[number], disk);
    }
}

int check(char const* log, fs::path const& work, Options const& options) {
    MappedFile const file(log);
    auto const records = read_log(file.octets());
    Promises const promises(records);
    Inspectors inspectors;
    std::size_t count = 0;
    for_each_cut(records, options, [&](std::size_t number, Cut const& cut, Disk const& disk) {
        if (inspectors.failed() >= options.failures) return;
        ++count;
        inspectors.start(std::format("image {}, record {}", number, cut.record), [&, number, cut] {
            fs::path const directory = work / std::format("{}", number);
            disk.write_out(directory, power_cut(cut, options.seed + number));
            auto const clean = [&] { fs::remove_all(directory); };
            try {
                check_image(directory / options.data, cut.record, promises);
            } catch (...) {
                clean();
                throw;
            }
            clean();
        });
    });
    inspectors.finish();
    std::size_t const failed = inspectors.failed();
    std::printf("%zu records, %zu passed, %zu failed\n", records.size(), count - failed, failed);
    return failed == 0 ? 0 : 1;
}

int build(char const* log, std::size_t image, fs::path const& directory, Options const& options) {
    MappedFile const file(log);
    for_each_cut(read_log(file.octets()), options, [&](std::size_t number, Cut const& cut, Disk const& disk) {
        if (number == image) disk.write_out(directory, power_cut(cut, options.seed + number));
    });
    return 0;
}

int compare(char const* log, fs::path const& directory) {
    MappedFile const file(log);
    Disk disk;
    for (Record const& record : read_log(file.octets())) {
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
