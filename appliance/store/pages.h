// The pages of LMDB's data file (format 1, 64 bit), read without LMDB, which trusts whatever it finds there: a changed
// bit in one of them can make it read and write anywhere. So this reads with pread(2), believes nothing, and says what
// does not hold. Tables are found as LMDB finds them: from the newest meta page down.
#pragma once

#include "store/error.h"
#include "store/schema.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::store {

// A B+tree as its parent describes it.
struct PageTree {
    std::uint64_t root = 0; // none: all bits set
    std::uint64_t entries = 0;
    unsigned depth = 0; // levels; 0 where there is no root
    bool number_keys = false;
};

struct MetaPage {
    std::size_t page_size = 0; // octets of every page
    std::uint64_t transaction = 0;
    std::uint64_t last_page = 0;
    PageTree unused; // lists of unused pages by transaction
    PageTree main;   // the tables by name
};

// What a page says that begins with these octets: at least `meta_page_octets`. Nothing: it is none.
inline constexpr std::size_t meta_page_octets = 152;
[[nodiscard]] std::optional<MetaPage> decode_meta_page(std::string_view octets);

class PageFile {
public:
    // Told of each thing that does not hold: a sentence.
    using Complain = std::function<void(std::string)>;
    // A row; the value is read only when asked for: nothing when that fails. Valid during the call.
    using Visit = std::function<void(std::string_view key, std::function<std::optional<std::string>()> const& value)>;

    // Throws Failure when the file cannot be opened, or has no meta page at all.
    explicit PageFile(std::filesystem::path const& data_file);
    ~PageFile();
    PageFile(PageFile const&) = delete;
    PageFile& operator=(PageFile const&) = delete;

    // Those that can be read, newest first.
    [[nodiscard]] std::vector<MetaPage> const& metas() const { return metas_; }

    // Every page that a transaction which begins at `meta` can come to, each once. Not the octets of bodies, but for
    // the header of the pages that hold them, and that only where `bodies` is set, since it makes the disk seek.
    void check(MetaPage const& meta, bool bodies, Complain const& complain);

    // The rows of one table in the order of their keys; what lies below a damaged page is left out, and complained of.
    void read(MetaPage const& meta, Table table, Visit const& visit, Complain const& complain);

private:
    class Walk;

    [[nodiscard]] bool read_at(std::uint64_t offset, char* to, std::size_t size) const;
    void read_metas();

    int file_ = -1;
    std::size_t page_size_ = 0;
    std::vector<MetaPage> metas_;
};

} // namespace postern::store
