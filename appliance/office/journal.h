// The journal: what became of which mail, for `postern trace`. It hears what the log hears, whatever the log's level,
// and keeps a few kinds of events (journal_record.h) in files of their own beside the store, as long and as many as its
// limits allow.
//
// It is lean, since it lies on an SD card: events are gathered in memory and appended many at a time, and nothing is
// flushed. So a power cut, or a kill, takes the last few minutes of it, and no mail: what is where, the store knows.
// Nobody waits for its disk but whoever writes or reads it, and one that is full or broken costs only the journal.
//
// DIR/journal holds its files, each named for the second of its first record; the oldest goes first.
#pragma once

#include "core/clock.h"
#include "core/log.h"
#include "office/journal_record.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <vector>

namespace postern::office {

class Journal final : public core::LogObserver {
public:
    struct Limits {
        std::uint64_t octets; // of all files
        std::chrono::seconds age;
    };
    // Has work done on a thread that may wait for the disk.
    using Elsewhere = std::function<void(std::move_only_function<void()>)>;

    // `clock` outlives it, and it outlives what is done `elsewhere` and whoever logs. There is one at a time.
    Journal(std::filesystem::path directory, core::Clock const& clock, Limits limits);
    ~Journal() override; // writes what is there
    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;

    // Until this is called only write() writes.
    void write_by_itself(Elsewhere elsewhere);

    // Any thread.
    void logged(core::Event event, std::span<core::Detail const> details) override;
    void set_limits(Limits limits);
    // Appends what was gathered to the files, and removes what is too old or too much. Waits for the disk. Any thread.
    void write();

    // What there is at one moment. Reads files.
    class Snapshot {
    public:
        // Oldest first; `visit` returns whether to go on. Holds a file at a time.
        void for_each(std::function<bool(JournalRecord const&)> const& visit) const;

    private:
        friend class Journal;
        std::vector<std::filesystem::path> files_;
        std::string gathered_; // not in a file yet
    };
    [[nodiscard]] Snapshot snapshot(); // any thread

private:
    void gather(JournalRecord const& record);
    [[nodiscard]] bool was_told(JournalRecord const& record);
    [[nodiscard]] bool is_too_much(JournalRecord const& record);
    std::error_code append(std::string_view octets, Limits const& limits);
    void remove_old(Limits const& limits) const;

    std::filesystem::path directory_;
    core::Clock const& clock_;

    std::mutex gathering_; // what follows; held for moments
    Elsewhere elsewhere_;
    Limits limits_;
    JournalBlock block_;   // under way
    std::string gathered_; // whole blocks
    bool writing_soon_ = false;
    // Who fetched what lately: a client that asks again and again is told of once.
    std::unordered_set<std::uint64_t> fetched_, fetched_before_;
    // To be refused costs a client nothing, and must not cost what is known of mail that is here.
    core::WallTime refusing_since_{};
    unsigned refused_ = 0;

    std::mutex writing_; // the files; taken before the other
    bool failing_ = false;
};

} // namespace postern::office
