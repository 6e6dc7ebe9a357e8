// The text of one message, looked through for needles a piece at a time (message/text_walk.h). One thread at a time.
#pragma once

#include "imap/needle_finder.h"
#include "imap/search_condition.h"
#include "message/structure.h"
#include "message/text_walk.h"
#include "store/message_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

class TextScan final : private message::TextWalk::Sink {
public:
    TextScan(std::vector<Needle> const& needles, message::StructureView const& structure);

    // Looks on, until the end or for about `octets` more, and takes what it read from `octets`. Whether it is at its
    // end. What cannot be read of its body is passed over.
    bool step(store::MessageReader& reader, store::MessageView const& message, std::uint64_t& octets);

    TextScan(TextScan const&) = delete;
    TextScan& operator=(TextScan const&) = delete;

    // Known as soon as it is found, or at the end.
    [[nodiscard]] std::optional<bool> found(std::size_t needle) const;

private:
    void text(message::TextWalk::Place place, std::string_view utf8) override;
    void end_text(message::TextWalk::Place place) override;
    NeedleFinder& finder(message::TextWalk::Place place);

    std::vector<bool> header_too_;
    NeedleFinder in_header_; // the message's own header: not for BODY
    NeedleFinder in_body_;
    message::TextWalk walk_;
    std::string read_; // last; reused
};

} // namespace postern::imap
