// SPDX-License-Identifier: MIT
// An ESP8266 board in software: mask-ROM loader (protocol reference, 5.1), NOR flash, reset and
// boot pins, boot log computed from the flashed bytes, boot outcome by section 15, application
// console. It lives on a Clock: in virtual time for tests, in real time behind a pty
// (sim/pty_server.h). It shares no protocol or image code with flash/ and image/: two copies of one
// bug would agree with each other.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/board_identity.h"
#include "base/bytes.h"
#include "base/result.h"
#include "device/board_lines.h"
#include "device/serial_port.h"
#include "host/clock.h"
#include "sim/console.h"
#include "sim/flash_work.h"

namespace lastgood::sim {

struct BoardOptions {
  Chip chip = Chip::kEsp8266;
  ChipSecurity security{};           // fuses of the ESP32 family
  FlashTimings timings{};            // of the flash chip
  std::filesystem::path flash_file;  // the flash's content across processes; empty = in memory only
  std::uint32_t flash_size_bytes = 4U << 20;
  std::uint32_t flash_id = 0x1640EF;  // Winbond, 4 MB; follows flash_size_bytes unless given
  MacAddress mac{{0x18, 0xfe, 0x34, 0xab, 0xcd, 0xef}};
  std::uint32_t seed = 1;                 // of everything random; printed with every fault report
  bool boot_line_stuck_released = false;  // the boot pin does nothing
  // Of the reset pin behind a capacitor: it rises so long after it was released, and falls in a
  // tenth of that.
  std::chrono::milliseconds reset_rise{0};
  bool reset_line_stuck_released = false;
  bool rx_cut = false;        // nothing that the host sends reaches the board
  bool tx_cut = false;        // nothing that the board sends reaches the host
  bool rx_tx_joined = false;  // the host hears itself, and the board too
  bool unpowered = false;     // answers nothing
  // Seeded faults by name (`lastgood simulate --help` lists them), value = how often or when.
  std::map<std::string, std::uint32_t> faults;
};

// "FILE?flash=4MB&mac=…&seed=7&fault=lost-byte:3": what stands behind "sim:" on a command line or
// in a recipe.
Result<BoardOptions> ParseBoardOptions(std::string_view text);

// Names and one-line explanations of the faults.
std::map<std::string, std::string> FaultNames();

class SimulatedBoard {
 public:
  // Loads the flash file when there is one (kInternal when it has another size); a new flash is
  // blank. `clock` must outlive the board. `console`: nullptr = the built-in one for whatever
  // firmware is flashed.
  static Result<std::unique_ptr<SimulatedBoard>> Make(const BoardOptions& options, Clock& clock,
                                                      std::unique_ptr<Console> console = nullptr);
  ~SimulatedBoard();

  // The host's end of the wires. They refer to the board, which must outlive them. With a virtual
  // clock, waiting for a byte moves the clock to the moment when it arrives.
  std::unique_ptr<SerialPort> OpenSerialPort();
  std::unique_ptr<BoardLines> OpenLines();

  // The wires themselves, for pty and socket servers. Octets are what the host's UART would see at
  // `host_baud`: at another rate than the board's they are garbage.
  void SetLines(bool reset_asserted, bool boot_asserted);
  void HostSends(ByteSpan octets, std::uint32_t host_baud);
  Bytes HostReceives(std::uint32_t host_baud);  // everything that has arrived by Now()
  TimePoint NextEvent() const;  // when the board will do or send something; max() = never

  // A power cut of the board, and power coming back.
  void SetPower(bool on);

  // For assertions and for making known contents.
  ByteSpan flash() const;
  void WriteFlash(std::uint32_t offset, ByteSpan data);  // as a programmer would; persisted
  struct Statistics {
    std::uint64_t octets_from_host = 0;
    std::uint64_t octets_to_host = 0;
    std::uint32_t resets_by_line = 0;
    std::uint32_t boots = 0;
    std::uint32_t sectors_erased = 0;  // those within blocks included
    std::uint32_t blocks_erased = 0;   // of 64 KiB, by one command each
    std::uint32_t pages_programmed = 0;
    std::uint64_t bytes_programmed = 0;
    std::uint64_t digest_octets = 0;  // hashed on the chip for SPI_FLASH_MD5
    bool running_application = false;
    // Of the light at GPIO2 (protocol reference, 12.2), which is lit while the chip talks about its
    // start: it flickers in a boot loop, and is out once the firmware runs. ESP8266 only.
    std::uint32_t light_flashes = 0;
    bool light_is_lit = false;
  };
  Statistics statistics() const;

 private:
  struct Model;
  explicit SimulatedBoard(std::unique_ptr<Model> model);
  std::unique_ptr<Model> model_;
};

}  // namespace lastgood::sim
