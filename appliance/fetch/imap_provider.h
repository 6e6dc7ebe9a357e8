// A provider's mailbox by IMAP (RFC 3501, RFC 9051): UIDs, messages in pieces (§6.4.5 partial FETCH), several of them
// asked for at a time, and IDLE (RFC 2177). What is new is found by UIDs; where the provider has mod-sequences
// (RFC 7162), what stays there is not listed again by each connection, and is known to be gone once it is.
#pragma once

#include "fetch/provider.h"
#include "fetch/stub.h"
#include "wire/imap_reply_reader.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::fetch {

class ImapProvider final : public Provider {
public:
    // Asked for at a time. What is lost of a piece when a link breaks is nothing: its octets are kept as they come.
    static constexpr std::uint32_t piece_octets = 64 * 1024;
    static constexpr std::size_t most_requests = 32;
    // Messages that are looked at in one pass; the rest has its turn in the next.
    static constexpr std::size_t survey_limit = 10'000;
    // IDLE is said again: servers log out after 29 minutes (RFC 2177 §3), and a link that died is to be noticed.
    static constexpr std::chrono::minutes idle_time{15};

    ImapProvider(office::Office& office, Intake& intake, net::Dialed dialed);

    asio::awaitable<std::optional<Failure>> collect() override;
    asio::awaitable<std::expected<bool, Failure>> wait_for_news(net::Event& wake) override;
    asio::awaitable<void> quit() override;

private:
    // A message that is to be fetched.
    struct Wanted {
        store::Uid uid{};
        std::uint64_t size = 0; // as the provider says, which need not be true
        std::optional<store::WallTime> internal_date{};
        std::uint64_t asked = 0;  // octets up to here are asked for, or there
        std::size_t requests = 0; // that are not answered
        bool progressed = false;  // some of them brought octets
        bool over = false;        // all of it is here, or nothing more of it is wanted
        bool doubtful = false;    // its header decides whether the rest is asked for
        bool is_original = false; // of a stub that is here
        bool is_asked = false;    // which somebody asked for
        bool is_gone = false;     // at the provider
    };
    struct Request {
        std::string tag;
        store::Uid uid{};
        std::uint64_t offset = 0;
        std::uint64_t octets = 0; // that it counts for
        bool answered = false;
    };
    using Status = wire::imap::StatusReply;

    asio::awaitable<std::optional<Failure>> begin(office::TlsTrust const& trust) override;
    asio::awaitable<std::optional<Failure>> greet();
    asio::awaitable<std::optional<Failure>> learn_capabilities();
    asio::awaitable<std::optional<Failure>> log_in();
    asio::awaitable<std::expected<bool, Failure>> log_in_plainly();
    asio::awaitable<std::expected<LoginAnswer, Failure>> login_answer() override;
    asio::awaitable<std::optional<Failure>> select();
    asio::awaitable<std::string> list_mailboxes();

    // Brings intake_.survey up to date. Whether that is all: the rest has its turn in the next pass.
    asio::awaitable<std::expected<bool, Failure>> survey();
    asio::awaitable<std::optional<Failure>> fetch(std::vector<Wanted> wanted);
    // One that is large: it lets others go first that come meanwhile, and goes on in the next pass. False: it did that.
    asio::awaitable<std::expected<bool, Failure>> fetch_large(Wanted one);
    [[nodiscard]] bool yields(Wanted const& one) const;
    asio::awaitable<std::optional<Failure>> fetch_originals();

    // ---- stubs (imap_outline.cpp)
    struct Outlined {
        Wanted wanted;
        Outline outline;
        std::vector<wire::imap::AnnouncedPart> parts;
        bool is_there = false;
        std::string text; // as it came
    };
    asio::awaitable<std::optional<Failure>> fetch_stubs(std::vector<Wanted> const& wanted);
    asio::awaitable<std::expected<std::vector<Outlined>, Failure>> outline(std::span<Wanted const> wanted);
    asio::awaitable<std::optional<Failure>> add_texts(std::vector<Outlined>& outlined);
    asio::awaitable<std::optional<Failure>> put_stub(Outlined one);
    // What comes until the command of that tag has ended, which is how: of each message the octets that it brings.
    asio::awaitable<std::expected<Status, Failure>>
    gather(std::string_view tag, std::uint64_t most,
           std::function<void(wire::imap::FetchReply&, std::string octets)> const& take);
    void ask(std::vector<Wanted>& wanted);
    asio::awaitable<std::optional<Failure>> take_octets(wire::imap::FetchReply const& fetch, std::string octets);
    asio::awaitable<std::optional<Failure>> end_piece(wire::imap::FetchReply const& fetch, std::vector<Wanted>& wanted);
    asio::awaitable<std::optional<Failure>> end_message(Wanted& wanted, Arrival& arrival);
    std::optional<Failure> end_request(Status const& status, std::vector<Wanted>& wanted);
    asio::awaitable<std::optional<Failure>> clear_up();

    [[nodiscard]] std::string tag();
    [[nodiscard]] bool offers(std::string_view capability) const;
    [[nodiscard]] std::string ids_begin() const; // of all that the mailbox has
    [[nodiscard]] std::string id_of(store::Uid uid) const;
    [[nodiscard]] bool keeps_all() const; // and unseen: then the mailbox is only looked at

    // The next thing that the provider says; what concerns all commands is noted. After `patience` it is lost.
    asio::awaitable<std::expected<wire::imap::ReadReply, Failure>> next(std::string_view when,
                                                                        std::chrono::seconds patience = reply_time);
    void note(wire::imap::Reply const& reply);
    std::optional<Failure> goodbye(wire::imap::Reply const& reply, std::string_view when);
    // Says a command, and waits for its end.
    asio::awaitable<std::expected<Status, Failure>> command(std::string octets, std::string_view tag,
                                                            std::string_view when);
    [[nodiscard]] static Trouble trouble_of(Status const& status, Trouble otherwise);

    wire::imap::ReplyReader replies_;
    std::string octets_; // of a message, that came last
    unsigned tags_ = 0;
    std::string login_tag_;
    std::vector<std::string> capabilities_;
    bool knows_capabilities_ = false;
    std::uint32_t exists_ = 0;
    store::UidValidity uid_validity_{};
    store::Uid uid_next_{};
    std::uint64_t highest_mod_sequence_ = 0; // as it was said last; 0: there is none
    std::uint64_t mod_sequence_ = 0;         // when the mailbox was opened
    std::string enable_tag_;
    bool tells_vanished_ = false; // QRESYNC is enabled
    bool surveyed_ = false;       // intake_.survey is of this connection
    bool read_only_ = false;

    bool news_ = false; // messages came

    std::deque<Request> requests_;
    std::uint64_t in_flight_ = 0;                // octets that were asked for
    std::string early_octets_;                   // of a message of which the provider says behind it which one it is
    bool streaming_ = false;                     // octets of a response came
    bool accepted_ = false;                      // and they are those that come next
    bool one_by_one_ = false;                    // what is fetched lets others go first
    core::UidSet fetched_now_;                   // to be marked as seen, if that is wanted
    std::set<std::string, std::less<>> removed_; // at the provider, and remembered still
};

} // namespace postern::fetch
