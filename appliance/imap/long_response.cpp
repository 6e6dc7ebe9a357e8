#include "imap/long_response.h"

#include "core/log.h"
#include "imap/slice_reader.h"
#include "wire/imap_response.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace postern::imap {

namespace {

// What is to be sent of a piece: octets from `skip` on of what it decodes to.
struct Extent {
    std::uint64_t skip = 0;
    std::uint64_t octets = 0;
    bool has_nul = false;
};

// A literal begins with its length, so a part is decoded once to be counted.
asio::awaitable<store::Result<Extent>> measure(Session& session, store::BodyId body, DecodedPart const& part) {
    Extent extent;
    for (SliceReader reader(session.storage(), body, part.slice, part.encoding); !reader.at_end();) {
        auto const decoded = co_await reader.next();
        if (!decoded) co_return std::unexpected(decoded.error());
        extent.octets += decoded->size();
        extent.has_nul = extent.has_nul || decoded->contains('\0');
    }
    auto const [skip, octets] = cut(part.partial, extent.octets);
    co_return Extent{skip, octets, extent.has_nul};
}

// Whether all was sent; if not, the connection ends.
asio::awaitable<bool> send(Session& session, SliceReader reader, Extent extent, std::optional<std::string> first = {}) {
    std::uint64_t skip = extent.skip, left = extent.octets;
    while (left > 0) {
        auto decoded = first ? store::Result<std::string>(*std::exchange(first, std::nullopt)) : co_await reader.next();
        if (!decoded) {
            core::log(core::Event::session_broken,
                      {{"service", "imap"}, {"while", "FETCH"}, {"reason", store::describe(decoded.error())}});
            co_return false;
        }
        std::string_view octets = *decoded;
        std::uint64_t const passed = std::min<std::uint64_t>(skip, octets.size());
        octets = octets.substr(passed, left);
        skip -= passed;
        left -= octets.size();
        session.queue(octets);
        if (!co_await session.connection().flush_if_full()) co_return false;
    }
    co_return true;
}

} // namespace

asio::awaitable<store::Result<void>> send_long(Session& session, LongResponse response) {
    // From now on nothing of the body is erased; the first slice shows whether it was before.
    store::BodyPin const pin = session.storage().store().pin(response.body);
    std::vector<Extent> extents; // of the parts that are decoded
    bool seen = false;           // that the body is there
    for (auto const& piece : response.pieces)
        if (auto const* part = std::get_if<DecodedPart>(&piece)) {
            auto const extent = co_await measure(session, response.body, *part);
            if (!extent) co_return std::unexpected(extent.error());
            extents.push_back(*extent);
            seen = seen || part->slice.octets > 0;
        }

    auto next_extent = extents.begin();
    std::optional<std::string> first; // slice, of the first piece that is sent as it is
    for (auto const& piece : response.pieces) {
        auto const* slice = std::get_if<BodySlice>(&piece);
        if (slice == nullptr || seen) continue;
        SliceReader reader(session.storage(), response.body, *slice, TransferEncoding::none);
        auto octets = co_await reader.next();
        if (!octets) co_return std::unexpected(octets.error());
        first = std::move(*octets);
        break;
    }
    for (auto const& piece : response.pieces) {
        bool sent = true;
        if (auto const* text = std::get_if<std::string>(&piece)) {
            session.queue(*text);
        } else if (auto const* slice = std::get_if<BodySlice>(&piece)) {
            BodySlice rest = *slice;
            if (first) rest = {rest.offset + first->size(), rest.octets - first->size()};
            sent = co_await send(session, SliceReader(session.storage(), response.body, rest, TransferEncoding::none),
                                 {.octets = slice->octets}, std::exchange(first, std::nullopt));
        } else {
            auto const& part = std::get<DecodedPart>(piece);
            Extent const& extent = *next_extent++;
            std::string size;
            if (part.size_alone)
                wire::imap::put_number(size, extent.octets);
            else
                wire::imap::put_literal_size(size, extent.octets, extent.has_nul);
            session.queue(size);
            if (!part.size_alone)
                sent = co_await send(session, SliceReader(session.storage(), response.body, part.slice, part.encoding),
                                     extent);
        }
        if (!sent) {
            session.hang_up();
            break;
        }
    }
    co_return store::Result<void>{};
}

} // namespace postern::imap
