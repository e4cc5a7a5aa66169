// SPDX-License-Identifier: MIT
// The contract of SerialPort over real UARTs.
#include <cstdlib>

#include "contract/serial_port_contract.h"
#include "uart_pair.h"

namespace lastgood::test {
namespace {

template <const UartPair& pair>
class UartWire final : public Wire {
 public:
  UartWire() : port_(OpenUart(pair.host, clock_)), board_(OpenUart(pair.board, clock_)) {
    // Without UARTs there is nothing to hold to a contract, and nothing to go on with.
    if (port_ == nullptr || board_ == nullptr) std::exit(1);
  }
  SerialPort& Port() override { return *port_; }
  void Provoke() override { EXPECT_TRUE(board_->Write(Bytes(kOctets, 0xA5))); }
  void Settle() override { EXPECT_TRUE(UartProbe(pair.host).WaitUntilArrived(kOctets)); }

 private:
  static constexpr int kOctets = 32;
  SystemClock clock_;
  std::unique_ptr<SerialPort> port_;
  std::unique_ptr<SerialPort> board_;
};

using Wires = testing::Types<UartWire<kIsaUarts>, UartWire<kPciUarts>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Uart, SerialPortContract, Wires);

}  // namespace
}  // namespace lastgood::test
