#include "office/journal.h"

#include "core/read_start.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

namespace postern::office {

namespace {

constexpr std::size_t block_octets = 4096;        // a page: what a file grows by costs no less
constexpr std::size_t most_gathered = 256 * 1024; // beyond it, what cannot be written is forgotten
constexpr std::size_t most_fetched = 4096;
constexpr unsigned most_refused = 1000; // an hour
// A file is a small part of all, so that what is removed is only little more than has to be.
constexpr unsigned parts = 8;
constexpr std::uint64_t least_file = 16 * 1024, largest_file = 1024 * 1024;

std::uint64_t file_limit(Journal::Limits const& limits) {
    return std::clamp(limits.octets / parts, least_file, largest_file);
}

struct Part {
    std::filesystem::path path;
    core::WallTime begin;
};

// Oldest first.
std::vector<Part> list_parts(std::filesystem::path const& directory) {
    std::vector<Part> found;
    std::error_code error;
    for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        auto const& entry = *at;
        std::error_code unknown;
        if (!entry.is_regular_file(unknown)) continue;
        std::string const name = entry.path().filename().string();
        std::uint32_t second = 0;
        auto const [stop, wrong] = std::from_chars(name.data(), name.data() + name.size(), second);
        if (wrong == std::errc{} && stop == name.data() + name.size())
            found.push_back({entry.path(), core::WallTime(std::chrono::seconds{second})});
    }
    std::ranges::sort(found, {}, &Part::begin);
    return found;
}

std::uint64_t size_of(Part const& part) {
    std::error_code error;
    auto const size = std::filesystem::file_size(part.path, error);
    return error ? 0 : size;
}

std::error_code last_error() { return {errno, std::generic_category()}; }

// All of it, or nothing.
std::error_code append_to(std::filesystem::path const& path, std::string_view octets) {
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return last_error();
    struct stat before{};
    std::error_code error;
    if (::fstat(file, &before) != 0) error = last_error();
    for (off_t at = before.st_size; !error && !octets.empty();) {
        ssize_t const written = ::pwrite(file, octets.data(), octets.size(), at);
        if (written >= 0) {
            at += written;
            octets.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            error = last_error();
            (void)!::ftruncate(file, before.st_size); // what stays where this fails is a torn block, and passed over
        }
    }
    ::close(file);
    return error;
}

} // namespace

Journal::Journal(std::filesystem::path directory, core::Clock const& clock, Limits limits)
    : directory_(std::move(directory)), clock_(clock), limits_(limits) {
    core::observe_log(this);
}

Journal::~Journal() {
    core::observe_log(nullptr);
    write();
}

void Journal::write_by_itself(Elsewhere elsewhere) {
    std::lock_guard const lock(gathering_);
    elsewhere_ = std::move(elsewhere);
}

void Journal::logged(core::Event event, std::span<core::Detail const> details) {
    if (!is_for_journal(event)) return;
    auto const record = make_journal_record(event, details, clock_.wall());
    {
        std::lock_guard const lock(gathering_);
        if (was_told(record) || is_too_much(record)) return;
        gather(record);
        if (gathered_.empty() || writing_soon_ || !elsewhere_) return;
        writing_soon_ = true;
    }
    elsewhere_([this] { write(); });
}

bool Journal::was_told(JournalRecord const& record) {
    if (record.event != core::Event::message_read) return false;
    auto const message = record.number(JournalKey::message).value_or(0);
    auto const who = std::hash<std::string_view>()(record.text(JournalKey::login));
    auto const key = who ^ (message * 0x9E37'79B9'7F4A'7C15); // 2^64 over the golden ratio: spreads what is in sequence
    if (fetched_.contains(key) || fetched_before_.contains(key)) return true;
    if (fetched_.size() == most_fetched) fetched_before_ = std::exchange(fetched_, {});
    fetched_.insert(key);
    return false;
}

bool Journal::is_too_much(JournalRecord const& record) {
    if (record.event != core::Event::message_refused && record.event != core::Event::recipient_refused) return false;
    if (std::chrono::abs(record.time - refusing_since_) >= std::chrono::hours{1}) {
        refusing_since_ = record.time;
        refused_ = 0;
    }
    return ++refused_ > most_refused;
}

void Journal::gather(JournalRecord const& record) {
    block_.add(record);
    if (block_.octets() < block_octets) return;
    if (gathered_.size() > most_gathered) gathered_.clear();
    gathered_ += block_.take();
}

void Journal::set_limits(Limits limits) {
    std::lock_guard const lock(gathering_);
    limits_ = limits;
}

void Journal::write() {
    std::lock_guard const files(writing_);
    std::string octets;
    Limits limits{};
    {
        std::lock_guard const lock(gathering_);
        gathered_ += block_.take();
        octets = std::exchange(gathered_, {});
        limits = limits_;
    }
    std::error_code const error = octets.empty() ? std::error_code() : append(octets, limits);
    if (error && !std::exchange(failing_, true))
        core::log(core::Event::journal_failed, {{"directory", directory_.native()}, {"reason", error.message()}});
    if (!error) failing_ = false;
    remove_old(limits);
    std::lock_guard const lock(gathering_);
    if (error && octets.size() <= most_gathered) gathered_.insert(0, octets);
    writing_soon_ = static_cast<bool>(error); // then it is tried when somebody calls
}

std::error_code Journal::append(std::string_view octets, Limits const& limits) {
    std::error_code ignored;
    std::filesystem::create_directory(directory_, ignored);
    auto const there = list_parts(directory_);
    auto const now = clock_.wall();
    if (!there.empty()) {
        bool const has_room = size_of(there.back()) + octets.size() <= file_limit(limits);
        if (has_room && now - there.back().begin < limits.age / parts) return append_to(there.back().path, octets);
    }
    // Their names ascend, whatever the clock does.
    auto const begin = there.empty() ? now : std::max(now, there.back().begin + std::chrono::seconds{1});
    return append_to(directory_ / std::to_string(begin.time_since_epoch().count()), octets);
}

void Journal::remove_old(Limits const& limits) const {
    auto const now = clock_.wall();
    std::error_code ignored;
    std::uint64_t octets = 0;
    auto const there = list_parts(directory_);
    for (auto part = there.rbegin(); part != there.rend(); ++part) {
        octets += size_of(*part);
        if (octets > limits.octets || now - part->begin > limits.age) std::filesystem::remove(part->path, ignored);
    }
}

Journal::Snapshot Journal::snapshot() {
    std::lock_guard const files(writing_);
    Snapshot there;
    for (Part& part : list_parts(directory_)) there.files_.push_back(std::move(part.path));
    std::lock_guard const lock(gathering_);
    gathered_ += block_.take();
    there.gathered_ = gathered_;
    return there;
}

void Journal::Snapshot::for_each(std::function<bool(JournalRecord const&)> const& visit) const {
    for (auto const& file : files_)
        if (!for_each_journal_record(core::read_start(file, 2 * largest_file).value_or(""), visit)) return;
    for_each_journal_record(gathered_, visit);
}

} // namespace postern::office
