// A body, or a slice of it, read from the store piece by piece and decoded on the reader's thread. Whoever reads it
// pins the body.
#pragma once

#include "imap/fetch_plan.h"
#include "imap/part_decoder.h"
#include "office/storage.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace postern::imap {

namespace asio = boost::asio;

class SliceReader {
public:
    // `storage` outlives it.
    SliceReader(office::Storage& storage, store::BodyId body, BodySlice slice,
                TransferEncoding encoding = TransferEncoding::none)
        : storage_(storage), body_(body), left_(slice), decoder_(std::make_shared<PartDecoder>(encoding)) {}

    [[nodiscard]] bool at_end() const { return left_.octets == 0; }
    // What the next piece decodes to, which may be nothing. Errors: no_such_message; damaged.
    asio::awaitable<store::Result<std::string>> next();

private:
    office::Storage& storage_;
    store::BodyId body_;
    BodySlice left_;
    std::shared_ptr<PartDecoder> decoder_; // with a look that is under way
};

} // namespace postern::imap
