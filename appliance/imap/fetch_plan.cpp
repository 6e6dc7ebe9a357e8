#include "imap/fetch_plan.h"

#include "message/header.h"
#include "message/preview.h"
#include "message/section.h"
#include "store/mailboxes.h"
#include "store/message_reader.h"
#include "text/ascii.h"
#include "wire/imap_body_structure.h"
#include "wire/imap_object_id.h"
#include "wire/imap_response.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

using store::StoreError;
using wire::imap::FetchAttribute;
using wire::imap::FetchBinary;
using wire::imap::FetchBody;
using wire::imap::Section;

namespace {

constexpr std::size_t batch_octets = 128 * 1024;      // of responses held at a time
constexpr std::uint64_t batch_read = 4 * 1024 * 1024; // of bodies, for them
constexpr std::uint64_t inline_octets = 64 * 1024;    // of one response's literals; others are sent in slices
// Of a body, for a preview: newsletters have much markup before the first word. With LAZY no more than a block or two.
constexpr std::uint64_t preview_octets = 256 * 1024, lazy_preview_octets = 32 * 1024, preview_slice = 8 * 1024;

// Whether it is what somebody reads of a message, or a part of it.
bool is_of_text(wire::imap::FetchItem const& item) {
    if (auto const* body = std::get_if<FetchBody>(&item))
        return body->section.text == Section::Text::whole || body->section.text == Section::Text::text;
    auto const* binary = std::get_if<FetchBinary>(&item);
    return binary != nullptr && !binary->size_alone;
}

// Composes responses, each at the end of one text; what it needs of the store is read when first asked for.
class Composer {
public:
    Composer(store::ReadTransaction const& transaction, store::Mailbox const& mailbox, FetchPlan const& plan)
        : reader_(transaction), mailbox_(mailbox), plan_(plan) {
        for (wire::imap::FetchItem const& item : plan.items) names_.push_back(wire::imap::response_name(item) + ' ');
    }

    // damaged: nothing was added to the text.
    store::Result<void> compose(FetchTarget const& target, store::IndexRow const& row) {
        encoded_ = false;
        begin_ = text_.size();
        inlined_ = 0;
        auto const put = put_response(target, row);
        if (!put) {
            text_.resize(begin_);
            pieces_.clear();
        }
        return put;
    }

    [[nodiscard]] std::string& text() { return text_; }                      // of all responses so far
    [[nodiscard]] std::uint64_t octets_read() const { return octets_read_; } // of bodies, for them
    [[nodiscard]] bool encoded() const { return encoded_; }                  // why the last one failed, perhaps
    [[nodiscard]] bool is_long() const { return !pieces_.empty(); }          // the last one
    [[nodiscard]] LongResponse take_long() {
        cut_piece();
        return {message_->body, std::move(pieces_)};
    }

private:
    store::Result<void> put_response(FetchTarget const& target, store::IndexRow const& row) {
        target_ = &target;
        row_ = &row;
        message_.reset();
        structure_.reset();
        text_ += "* ";
        wire::imap::put_number(text_, plan_.uid_only ? core::number(target.uid) : target.number);
        text_ += plan_.uid_only ? " UIDFETCH (" : " FETCH (";
        bool flags_told = false, modseq_told = false, uid_told = false;
        for (std::size_t at = 0; at < plan_.items.size(); ++at) {
            if (at > 0) text_ += ' ';
            text_ += names_[at];
            auto const* attribute = std::get_if<FetchAttribute>(&plan_.items[at]);
            auto const* body = std::get_if<FetchBody>(&plan_.items[at]);
            auto const put = attribute         ? put_attribute(*attribute)
                             : body != nullptr ? put_body(*body)
                                               : put_binary(std::get<FetchBinary>(plan_.items[at]));
            if (!put) return put;
            if (attribute) {
                flags_told = flags_told || *attribute == FetchAttribute::flags;
                modseq_told = modseq_told || *attribute == FetchAttribute::modseq;
                uid_told = uid_told || *attribute == FetchAttribute::uid;
            }
        }
        if (plan_.newly_seen.contains(row.uid)) {
            if (!flags_told) {
                text_ += " FLAGS ";
                (void)put_attribute(FetchAttribute::flags);
            }
            if (plan_.uid_with_flags && !uid_told) {
                text_ += " UID ";
                (void)put_attribute(FetchAttribute::uid);
            }
            if (plan_.modseq_with_flags && !modseq_told) {
                text_ += " MODSEQ ";
                (void)put_attribute(FetchAttribute::modseq);
            }
        }
        text_ += ")\r\n";
        return {};
    }

    // What the text has of the response becomes a piece of it.
    void cut_piece() {
        pieces_.emplace_back(text_.substr(begin_));
        text_.resize(begin_);
    }

    store::Result<void> need_message() {
        if (message_) return {};
        message_ = reader_.find(row_->message);
        if (!message_) return std::unexpected(StoreError::damaged); // an index row without its message
        return {};
    }

    store::Result<void> need_structure() {
        if (structure_) return {};
        if (auto const found = need_message(); !found) return found;
        structure_ = message::decode_structure(message_->structure);
        if (!structure_) return std::unexpected(StoreError::damaged);
        return {};
    }

    store::Result<void> put_attribute(FetchAttribute attribute) {
        switch (attribute) {
        case FetchAttribute::flags:
            wire::imap::put_flags(text_, row_->flags, store::keyword_names(mailbox_, row_->keywords), target_->recent);
            return {};
        case FetchAttribute::uid: wire::imap::put_number(text_, core::number(row_->uid)); return {};
        case FetchAttribute::modseq:
            text_ += '(';
            wire::imap::put_number(text_, core::number(row_->modseq));
            text_ += ')';
            return {};
        case FetchAttribute::email_id: text_ += '(' + wire::imap::email_id(row_->message) + ')'; return {};
        case FetchAttribute::thread_id: text_ += "NIL"; return {}; // RFC 8474 §5.2: threads are not kept
        case FetchAttribute::save_date:
            wire::imap::put_internal_date(text_, row_->saved, plan_.offset(row_->saved));
            return {};
        case FetchAttribute::preview:
        case FetchAttribute::preview_lazy:
            return need_structure().transform([&] { put_preview(attribute == FetchAttribute::preview_lazy); });
        case FetchAttribute::internal_date:
            return need_message().transform([&] {
                wire::imap::put_internal_date(text_, message_->internal_date, plan_.offset(message_->internal_date));
            });
        case FetchAttribute::rfc822_size:
            return need_message().transform([&] { wire::imap::put_number(text_, message_->size); });
        case FetchAttribute::envelope:
            return need_message().and_then([&]() -> store::Result<void> {
                auto const envelope = message::decode_envelope(message_->envelope);
                if (!envelope) return std::unexpected(StoreError::damaged);
                wire::imap::put_envelope(text_, *envelope);
                return {};
            });
        case FetchAttribute::body:
        case FetchAttribute::body_structure:
            return need_structure().transform([&] {
                wire::imap::put_body_structure(text_, structure_->root, attribute == FetchAttribute::body_structure);
            });
        }
        std::unreachable();
    }

    // RFC 8970 §3.2. What cannot be read of the body is passed over.
    void put_preview(bool lazy) {
        message::Preview preview(*structure_);
        std::uint64_t left = lazy ? lazy_preview_octets : preview_octets;
        std::string octets;
        for (auto wanted = preview.wanted(); wanted && left > 0; wanted = preview.wanted()) {
            std::uint64_t const size = std::min({preview_slice, left, wanted->end - wanted->begin});
            octets.clear();
            if (!reader_.read_body(*message_, wanted->begin, size, octets)) octets.clear();
            preview.feed(octets);
            left -= size;
            octets_read_ += size;
        }
        if (lazy && preview.wanted())
            text_ += "NIL";
        else
            wire::imap::put_string(text_, preview.text());
    }

    // RFC 3501 §7.4.2: BODY[<section>]<<origin octet>>. Always a literal, NIL for a part that is not there.
    store::Result<void> put_body(FetchBody const& item) {
        if (auto const found = need_message(); !found) return found;
        std::optional<BodySlice> slice;
        if (item.section == Section{}) {
            slice = BodySlice{0, message_->size};
        } else {
            if (auto const found = need_structure(); !found) return found;
            slice = locate(*structure_, item.section);
        }
        if (!slice) {
            text_ += "NIL";
            return {};
        }
        if (item.section.text == Section::Text::header_fields || item.section.text == Section::Text::header_fields_not)
            return put_fields(item, *slice);

        auto const [skip, octets] = cut(item.partial, slice->octets);
        wire::imap::put_literal_size(text_, octets);
        slice->offset += skip;
        slice->octets = octets;
        if (inlined_ + octets > inline_octets) {
            cut_piece();
            pieces_.emplace_back(*slice);
            return {};
        }
        inlined_ += octets;
        return read(*slice, text_);
    }

    // RFC 3516 §4.2. Of the whole message, of a multipart and of a message within it nothing is encoded that could be
    // decoded here.
    store::Result<void> put_binary(FetchBinary const& item) {
        if (auto const found = need_structure(); !found) return found;
        auto const part = message::find(structure_->root, item.part);
        if (!part) {
            text_ += item.size_alone ? "0" : "NIL";
            return {};
        }
        DecodedPart decoded{.slice = {0, message_->size},
                            .encoding = TransferEncoding::none,
                            .partial = item.partial,
                            .size_alone = item.size_alone};
        if (!item.part.empty()) decoded.slice = {part->body_begin, part->body_end - part->body_begin};
        if (!item.part.empty() && !message::is_multipart(*part) && !message::is_message(*part)) {
            auto const encoding = find_transfer_encoding(part->encoding);
            if (!encoding) {
                encoded_ = true;
                return std::unexpected(StoreError::damaged);
            }
            decoded.encoding = *encoding;
        }
        cut_piece();
        pieces_.emplace_back(std::move(decoded));
        return {};
    }

    store::Result<void> put_fields(FetchBody const& item, BodySlice header) {
        header.octets = std::min(header.octets, message::Limits{}.header_octets);
        std::string section;
        return read(header, section).transform([&] {
            std::string const fields = select_fields(section, item.section);
            auto const [skip, octets] = cut(item.partial, fields.size());
            wire::imap::put_literal_size(text_, octets);
            text_ += std::string_view(fields).substr(skip, octets);
        });
    }

    store::Result<void> read(BodySlice slice, std::string& into) {
        std::size_t const begin = into.size();
        if (auto const read = reader_.read_body(*message_, slice.offset, slice.octets, into); !read) return read;
        if (into.size() - begin != slice.octets) return std::unexpected(StoreError::damaged);
        octets_read_ += slice.octets;
        return {};
    }

    store::MessageReader reader_;
    store::Mailbox const& mailbox_;
    FetchPlan const& plan_;
    std::vector<std::string> names_; // of the plan's items, as responses spell them
    FetchTarget const* target_ = nullptr;
    store::IndexRow const* row_ = nullptr;
    std::optional<store::MessageView> message_;
    std::optional<message::StructureView> structure_;
    std::string text_;
    std::size_t begin_ = 0;     // in it, of the response under way
    std::uint64_t inlined_ = 0; // octets of literals in the response under way
    std::vector<std::variant<std::string, BodySlice, DecodedPart>> pieces_;
    bool encoded_ = false; // the message was not composed since a part is encoded in a way that is not known
    std::uint64_t octets_read_ = 0;
};

} // namespace

store::Result<FetchBatch> fetch_batch(store::ReadTransaction const& transaction, store::MailboxId mailbox,
                                      std::span<FetchTarget const> targets, FetchPlan const& plan) {
    auto const record = store::get_mailbox(transaction, mailbox);
    if (!record) return std::unexpected(StoreError::no_such_mailbox);
    FetchBatch batch;
    batch.keywords = record->keywords;
    core::UidSet uids;
    for (FetchTarget const& target : targets) uids.add(target.uid);
    Composer composer(transaction, *record, plan);
    bool const reads = std::ranges::any_of(plan.items, is_of_text);
    bool full = false;
    store::for_each_index(transaction, mailbox, uids, [&](store::IndexRow const& row) {
        for (; targets[batch.looked_at].uid < row.uid; ++batch.looked_at) ++batch.gone;
        FetchTarget const& target = targets[batch.looked_at++];
        if (plan.changed_since && row.modseq <= *plan.changed_since) return true;
        if (!composer.compose(target, row)) {
            ++(composer.encoded() ? batch.encoded : batch.damaged);
            return true;
        }
        if (composer.is_long())
            batch.last = composer.take_long();
        else
            ++batch.answered;
        if (reads && (!row.flags.has(core::SystemFlag::seen) || plan.newly_seen.contains(row.uid)))
            batch.read.push_back(row.message);
        full = batch.last || composer.text().size() >= batch_octets || composer.octets_read() >= batch_read;
        return !full;
    });
    batch.text = std::move(composer.text());
    if (!full)
        for (; batch.looked_at < targets.size(); ++batch.looked_at) ++batch.gone;
    return batch;
}

std::optional<BodySlice> locate(message::StructureView const& structure, Section const& section) {
    auto const part = message::find(structure.root, section.part);
    if (!part) return std::nullopt;
    auto const header = [](message::PartView const& of) {
        return BodySlice{of.header_begin, of.body_begin - of.header_begin};
    };
    auto const body = [](message::PartView const& of) { return BodySlice{of.body_begin, of.body_end - of.body_begin}; };
    // HEADER and TEXT are a message's: the whole one's, or that of a message/rfc822 part.
    std::optional<message::PartView> message;
    if (section.part.empty())
        message = part;
    else if (message::is_message(*part) && !part->children.empty())
        message = *part->children.begin();
    switch (section.text) {
    case Section::Text::whole:
        if (section.part.empty()) return BodySlice{0, structure.size};
        return body(*part);
    case Section::Text::mime: return header(*part);
    case Section::Text::header:
    case Section::Text::header_fields:
    case Section::Text::header_fields_not:
        if (!message) return std::nullopt;
        return header(*message);
    case Section::Text::text:
        if (!message) return std::nullopt;
        return body(*message);
    }
    std::unreachable();
}

std::pair<std::uint64_t, std::uint64_t> cut(std::optional<wire::imap::Partial> const& partial, std::uint64_t size) {
    if (!partial) return {0, size};
    std::uint64_t const skip = std::min<std::uint64_t>(partial->origin, size);
    return {skip, std::min<std::uint64_t>(partial->octets, size - skip)};
}

std::string select_fields(std::string_view header, Section const& section) {
    bool const named = section.text == Section::Text::header_fields;
    std::string result;
    for (message::Field const& field : message::HeaderSection(header)) {
        bool const in_list = std::ranges::any_of(
            section.fields, [&](std::string const& name) { return text::iequals(name, field.name); });
        if (in_list == named) result += field.whole;
    }
    if (message::header_end(header) != std::string_view::npos) result += "\r\n";
    return result;
}

} // namespace postern::imap
