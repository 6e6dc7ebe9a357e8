#include "store/seal.h"

#include "core/crc32c.h"
#include "store/file.h"
#include "store/lmdb.h"
#include "store/pages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <format>
#include <optional>
#include <string>
#include <utility>

namespace postern::store {

namespace {

// What a meta page says begins after its number, and ends long before the seal.
constexpr std::size_t meta_begin = 16, seal_begin = 256;
constexpr std::uint32_t seal_mark = 0x314c5350;

struct Seal {
    std::uint32_t mark = 0;
    std::uint32_t sum = 0; // of what follows, and of the runs
    std::array<char, meta_page_octets - meta_begin> meta{};
    std::uint64_t runs = 0; // that follow
};
constexpr std::size_t summed_begin = offsetof(Seal, meta);
static_assert(meta_page_octets <= seal_begin && sizeof(SealedRun) == 12);

std::size_t capacity(std::uint64_t page_size) { return (page_size - seal_begin - sizeof(Seal)) / sizeof(SealedRun); }

std::string encode(Seal seal, std::vector<SealedRun> const& runs) {
    std::string octets(sizeof seal + runs.size() * sizeof(SealedRun), '\0');
    if (!runs.empty()) std::memcpy(octets.data() + sizeof seal, runs.data(), runs.size() * sizeof(SealedRun));
    std::memcpy(octets.data(), &seal, sizeof seal);
    seal.sum = core::crc32c(std::string_view(octets).substr(summed_begin));
    std::memcpy(octets.data(), &seal, sizeof seal);
    return octets;
}

// As pread(2) and pwrite(2), but all of it or false, with the reason in errno; never EINTR.
bool read_all(int file, char* to, std::size_t size, std::uint64_t at) {
    while (size > 0) {
        auto const got = ::pread(file, to, size, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) return false;
        to += got;
        at += static_cast<std::uint64_t>(got);
        size -= static_cast<std::size_t>(got);
    }
    return true;
}

bool write_all(int file, std::string_view octets, std::uint64_t at) {
    ssize_t written = 0;
    while ((written = ::pwrite(file, octets.data(), octets.size(), static_cast<off_t>(at))) < 0 && errno == EINTR) {
    }
    if (written >= 0 && std::cmp_not_equal(written, octets.size())) errno = EIO;
    return std::cmp_equal(written, octets.size());
}

bool flush(int file) {
    int failed = 0;
    while ((failed = ::fdatasync(file)) != 0 && errno == EINTR) {
    }
    return failed == 0;
}

// One of the two meta pages, and the seal behind it.
struct Slot {
    std::uint64_t at = 0;
    std::string page{};
    MetaPage meta{};
    Seal seal{};
};

std::optional<Slot> read_slot(int file, std::uint64_t at, std::uint64_t page_size) {
    Slot slot{.at = at, .page = std::string(page_size, '\0')};
    if (!read_all(file, slot.page.data(), slot.page.size(), at)) return std::nullopt;
    auto const meta = decode_meta_page(slot.page);
    if (!meta || meta->page_size != page_size) return std::nullopt;
    slot.meta = *meta;
    std::memcpy(&slot.seal, slot.page.data() + seal_begin, sizeof slot.seal);
    return slot;
}

// `page`, when its content is what the seal says.
std::string sealed(std::string page, Seal const& seal) {
    page.replace(meta_begin, seal.meta.size(), seal.meta.data(), seal.meta.size());
    return page;
}

// Whether all that the sealed commit wrote is there.
bool holds(int file, Slot const& slot) {
    auto const& [at, page, meta, seal] = slot;
    if (seal.mark != seal_mark || seal.runs > capacity(page.size())) return false;
    auto const summed = std::string_view(page).substr(seal_begin, sizeof seal + seal.runs * sizeof(SealedRun));
    if (seal.sum != core::crc32c(summed.substr(summed_begin))) return false;
    std::string octets(page.size(), '\0');
    for (std::uint64_t i = 0; i < seal.runs; ++i) {
        SealedRun run;
        std::memcpy(&run, summed.data() + sizeof seal + i * sizeof run, sizeof run);
        std::uint32_t sum = 0;
        for (std::uint64_t n = 0; n < run.count; ++n) {
            if (!read_all(file, octets.data(), octets.size(), (run.page + n) * page.size())) return false;
            sum = core::crc32c(octets, sum);
        }
        if (sum != run.sum) return false;
    }
    return true;
}

} // namespace

Sealing::Sealing(std::uint64_t page_size) : postern_lmdb_writes(), page_size_(page_size) {
    runs_.reserve(capacity(page_size));
    write = [](postern_lmdb_writes* self, int file, iovec const* pieces, int count, off_t at) {
        auto& sealing = *static_cast<Sealing*>(self);
        auto const offset = static_cast<std::uint64_t>(at);
        if (offset >= 2 * sealing.page_size_) return sealing.write_pages(file, pieces, count, offset);
        return sealing.write_meta(file, {static_cast<char const*>(pieces->iov_base), pieces->iov_len}, offset);
    };
}

void Sealing::begin() {
    committing_ = flush_first_ = refused_ = false;
    runs_.clear();
    postern_lmdb_take_writes(this);
}

void Sealing::end() { postern_lmdb_take_writes(nullptr); }

ssize_t Sealing::write_pages(int file, iovec const* pieces, int count, std::uint64_t at) {
    std::size_t size = 0;
    for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
    ssize_t const written = ::pwritev(file, pieces, count, static_cast<off_t>(at));
    if (std::cmp_equal(written, size)) note(pieces, count, at, size);
    return written;
}

void Sealing::note(iovec const* pieces, int count, std::uint64_t at, std::uint64_t size) {
    auto const page = static_cast<std::uint32_t>(at / page_size_);
    std::uint32_t const end = runs_.empty() ? 0 : runs_.back().page + runs_.back().count;
    // What is written before the commit may be written again in it, or be free for the next transaction already.
    bool const known = committing_ && page >= end && page == at / page_size_;
    bool const joins = known && page == end;
    if (!known || (!joins && runs_.size() == capacity(page_size_))) {
        flush_first_ = true;
        return;
    }
    if (!joins) runs_.push_back({.page = page});
    SealedRun& run = runs_.back();
    run.count += static_cast<std::uint32_t>(size / page_size_);
    for (int i = 0; i < count; ++i)
        run.sum = core::crc32c({static_cast<char const*>(pieces[i].iov_base), pieces[i].iov_len}, run.sum);
}

ssize_t Sealing::write_meta(int file, std::string_view octets, std::uint64_t at) {
    // What LMDB puts back after a failure was not written.
    if (std::exchange(refused_, true)) return static_cast<ssize_t>(octets.size());
    if (flush_first_) {
        if (!flush(file)) return -1;
        runs_.clear();
    }
    std::uint64_t const page_at = at - at % page_size_;
    std::string page(meta_page_octets, '\0');
    if (!read_all(file, page.data(), page.size(), page_at)) return -1;
    page.replace(at - page_at, octets.size(), octets);
    Seal seal{.mark = seal_mark, .runs = runs_.size()};
    std::memcpy(seal.meta.data(), page.data() + meta_begin, seal.meta.size());

    std::uint64_t const seal_at = (page_at == 0 ? page_size_ : 0) + seal_begin;
    if (!write_all(file, encode(seal, runs_), seal_at) || !flush(file) || !write_all(file, octets, at)) {
        // It may have reached the flash even so. Nobody must find it there.
        int const error = errno;
        (void)write_all(file, std::string(sizeof(Seal), '\0'), seal_at);
        errno = error;
        return -1;
    }
    refused_ = false;
    return static_cast<ssize_t>(octets.size());
}

bool finish_commit(std::filesystem::path const& data_file) {
    File const file(data_file, O_RDONLY);
    std::string begin(meta_page_octets, '\0');
    if (file.handle() < 0 || !read_all(file.handle(), begin.data(), begin.size(), 0)) return false;
    auto const first = decode_meta_page(begin);
    if (!first) return false;
    auto slot = read_slot(file.handle(), 0, first->page_size);
    auto other = read_slot(file.handle(), first->page_size, first->page_size);
    if (!slot || !other) return false;

    for (int turn = 0; turn < 2; ++turn, std::swap(slot, other)) {
        std::string const page = sealed(other->page, slot->seal);
        auto const meta = decode_meta_page(page);
        auto const newest = std::max(slot->meta.transaction, other->meta.transaction);
        if (!meta || meta->transaction <= newest || !holds(file.handle(), *slot)) continue;
        File const to(data_file, O_WRONLY);
        auto const changed = std::string_view(page).substr(0, meta_page_octets);
        if (to.handle() < 0 || !write_all(to.handle(), changed, other->at) || !flush(to.handle()))
            throw Failure(StoreError::failed,
                          std::format("{}: what was committed when the power went must be put in place, and that "
                                      "cannot be written: {}",
                                      data_file.native(), std::strerror(errno)));
        return true;
    }
    return false;
}

} // namespace postern::store
