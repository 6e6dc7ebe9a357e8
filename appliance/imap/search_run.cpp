#include "imap/search_run.h"

#include "message/structure.h"
#include "store/mailboxes.h"
#include "store/message_reader.h"
#include "text/ascii.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

using namespace std::chrono;

namespace {

constexpr std::uint64_t message_cost = 200; // octets: of reading a message's record

} // namespace

// One message in one transaction. What is damaged or gone is as if it were empty.
class SearchRun::Subject final : public SearchSubject {
public:
    Subject(SearchRun const& run, store::MessageReader& reader, std::vector<std::string> const& keywords,
            store::IndexRow const& row, std::uint64_t& octets)
        : run_(run), reader_(reader), keywords_(keywords), row_(row), octets_(octets) {}

    store::IndexRow const& row() const override { return row_; }
    bool is_recent() const override { return run_.recent_.contains(row_.uid); }
    bool has_keyword(std::string_view keyword) const override {
        for (std::size_t bit = 0; bit < keywords_.size(); ++bit)
            if (((row_.keywords >> bit) & 1) != 0 && text::iequals(keywords_[bit], keyword)) return true;
        return false;
    }
    std::uint64_t size() override { return message().size; }
    core::WallTime internal_date() override { return message().internal_date; }
    sys_days saved_day() override { return floor<days>(row_.saved + run_.offset_(row_.saved)); }
    sys_days internal_day() override {
        return floor<days>(message().internal_date + run_.offset_(message().internal_date));
    }
    message::EnvelopeView const& envelope() override {
        if (!envelope_) envelope_ = message::decode_envelope(message().envelope).value_or(message::EnvelopeView{});
        return *envelope_;
    }
    std::string_view search_text(message::SearchField field) override {
        if (auto const kept = message::packed_search_text(message().search_texts, field)) return *kept;
        search_text_ = message::search_text(envelope(), field);
        return search_text_;
    }
    std::string_view header() override {
        if (!header_) {
            message::PartView const& root = structure().root;
            std::uint64_t const size =
                std::min<std::uint64_t>(root.body_begin - root.header_begin, message::Limits{}.header_octets);
            if (!reader_.read_body(message(), root.header_begin, size, header_.emplace())) header_->clear();
            octets_ -= std::min<std::uint64_t>(octets_, size);
        }
        return *header_;
    }
    std::string_view signature() override { return message().signature; }
    std::optional<bool> has_needle(std::size_t needle) const override {
        if (run_.scan_) return run_.scan_->found(needle);
        return std::nullopt;
    }

    message::StructureView const& structure() {
        if (!structure_) structure_ = message::decode_structure(message().structure).value_or(message::StructureView{});
        return *structure_;
    }
    store::MessageView const& message() {
        if (!message_) {
            message_ = reader_.find(row_.message).value_or(store::MessageView{});
            octets_ -= std::min(octets_, message_cost);
        }
        return *message_;
    }

private:
    SearchRun const& run_;
    store::MessageReader& reader_;
    std::vector<std::string> const& keywords_;
    store::IndexRow row_;
    std::uint64_t& octets_; // what is left of the slice
    std::optional<store::MessageView> message_;
    std::optional<message::EnvelopeView> envelope_;
    std::optional<message::StructureView> structure_;
    std::optional<std::string> header_;
    std::string search_text_;
};

SearchRun::SearchRun(std::shared_ptr<SearchProgram const> program, store::MailboxId mailbox, core::UidSet uids,
                     core::UidSet recent, std::function<minutes(core::WallTime)> offset, Visit visit)
    : program_(std::move(program)),
      mailbox_(mailbox),
      left_(std::move(uids)),
      recent_(std::move(recent)),
      offset_(std::move(offset)),
      visit_(std::move(visit)) {}

// Whether the message is decided; if it is found, it is kept.
bool SearchRun::look_at(store::MessageReader& reader, Subject& subject, std::uint64_t& octets) {
    store::IndexRow const& row = subject.row();
    if (scanned_ != row.uid) scan_.reset(); // of a message that was expunged before its scan came to an end
    auto answer = holds(program_->root, subject);
    while (!answer) {
        if (!scan_) scan_ = std::make_unique<TextScan>(program_->needles, subject.structure());
        scanned_ = row.uid;
        if (!scan_->step(reader, subject.message(), octets)) return false;
        answer = holds(program_->root, subject);
    }
    scan_.reset();
    if (!*answer) return true;
    found_.push_back({row.uid, row.modseq});
    if (visit_) visit_(row.uid, subject.message());
    return true;
}

store::Result<bool> SearchRun::step(store::ReadTransaction const& transaction, Slice& slice) {
    auto const mailbox = store::get_mailbox(transaction, mailbox_);
    if (!mailbox) return true; // deleted: nothing more is found
    store::MessageReader reader(transaction);
    core::UidSet done;
    bool all = true;
    store::for_each_index(transaction, mailbox_, left_, [&](store::IndexRow const& row) {
        Subject subject(*this, reader, mailbox->keywords, row, slice.octets);
        all = look_at(reader, subject, slice.octets);
        if (!all) return false;
        done.add_range(1, core::number(row.uid));
        --slice.messages;
        all = !slice.used_up();
        return all;
    });
    left_.remove(done);
    return all || left_.empty();
}

} // namespace postern::imap
