// A disk in memory that may lose power: what a directory holds according to a log, what of it is surely on the disk,
// and what else may be.
//
// - A sector of 512 octets that was written and not synced holds what it held when it was last synced, or what any
// write
//   since then left there; sectors of one unit (512 octets, a page, more) are written together.
// - So does the length of a file, and the names in a directory: those reach the disk in their order, but the
// directories
//   independently of one another and of what is in the files, and only fsync of the directory itself makes them sure.
// - fsync and fdatasync make a file sure, a write by an O_DSYNC descriptor its own sectors, sync everything.
#pragma once

#include "record.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::crash {

// How a power cut treats what was not synced.
struct PowerCut {
    std::uint64_t unit = 512; // a multiple of 512: octets that reach the disk together
    // Which of `count` states survived after which nothing was synced: 0 the one that is sure, count - 1 the newest.
    std::function<std::size_t(std::size_t count)> survivor;
};

class Disk {
public:
    // The call is under way: what it writes may have reached the disk. Throws std::runtime_error for a path that is
    // not there.
    void begin(Record const& record);
    // The call has returned: what it syncs has.
    void finish(Record const& record);

    // What a power cut leaves, below `directory`, which is made.
    void write_out(std::filesystem::path const& directory, PowerCut const& cut) const;

    // How `directory` differs from the newest state, "" if it does not; without sockets, and without the contents of
    // files called `ignored`.
    [[nodiscard]] std::string difference(std::filesystem::path const& directory, std::string_view ignored) const;

private:
    static constexpr std::uint64_t sector_size = 512;
    using Sector = std::array<char, sector_size>;

    struct Version {
        std::uint64_t time;
        Sector octets;
    };

    struct Node;
    using Names = std::map<std::string, std::shared_ptr<Node>, std::less<>>;

    // A file or a directory; what is sure, and what came since.
    struct Node {
        bool is_directory = false;

        std::string sure{};                                      // a file's octets
        std::string newest{};                                    //
        std::map<std::uint64_t, std::vector<Version>> sectors{}; // by number, oldest first
        std::vector<std::uint64_t> sizes{};

        Names sure_names{}; // a directory's
        std::vector<Names> names{};

        [[nodiscard]] Names const& newest_names() const { return names.empty() ? sure_names : names.back(); }
    };

    [[nodiscard]] Node& find(std::string_view path);
    // The directory that `path` is in, and the path's last name.
    [[nodiscard]] std::pair<Node*, std::string> split(std::string_view path);
    void change_names(std::string_view path, std::function<void(Names&, std::string const&)> const& change);
    void write(Node& file, std::uint64_t offset, std::string_view octets);
    void resize(Node& file, std::uint64_t size);
    static void make_sure(Node& node);
    static void make_sure(Node& file, std::uint64_t offset, std::uint64_t size);
    static void make_all_sure(Node& node);

    static std::string content(Node const& file, PowerCut const& cut);
    static void write_out(Node const& node, std::filesystem::path const& directory, PowerCut const& cut);
    static std::string difference(Node const& node, std::filesystem::path const& directory, std::string_view ignored);

    Node root_{.is_directory = true};
    std::uint64_t time_ = 0; // counts writes
};

} // namespace postern::crash
