#include "imap/slice_reader.h"

#include "store/bodies.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

namespace {

constexpr std::uint64_t piece_octets = 128 * 1024;

} // namespace

asio::awaitable<store::Result<std::string>> SliceReader::next() {
    BodySlice const slice{left_.offset, std::min(left_.octets, piece_octets)};
    left_ = {slice.offset + slice.octets, left_.octets - slice.octets};
    co_return co_await storage_.read([body = body_, slice, last = at_end(), decoder = decoder_](
                                         store::ReadTransaction const& transaction) -> store::Result<std::string> {
        auto octets = store::read_body(transaction, body, slice.offset, slice.octets);
        if (!octets) return octets;
        if (octets->size() != slice.octets) return std::unexpected(store::StoreError::damaged);
        return decoder->feed(std::move(*octets), last);
    });
}

} // namespace postern::imap
