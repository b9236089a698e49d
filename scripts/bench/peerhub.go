package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/pion/datachannel"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/webrtc/v4"
)

// peerHub is the floor of data channels. Like hub, it copies every message to all
// others in its room. Each peer has a queue and a goroutine that sends from it,
// which was the fastest form of a hub that copies at once. It has the box's
// settings of pion, and one UDP socket for all peers.
type peerHub struct {
	*roster[*hubPeer]
	api *webrtc.API
}

// hubPeer is one peer with its queue.
type hubPeer struct {
	notes   *datachannel.DataChannel
	waiting chan []byte
}

// hubQueue is how many messages wait for a peer; more are lost. A class on the
// beat sends 39.
const hubQueue = 1024

func servePeerHub() error {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	const socketBuffer = 4 << 20
	_ = conn.SetReadBuffer(socketBuffer)
	_ = conn.SetWriteBuffer(socketBuffer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h := &peerHub{newRoster[*hubPeer](), hubAPI(conn)}
	fmt.Println(listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offer, _ := io.ReadAll(r.Body)
		answer, err := h.answer(string(offer), r.URL.Query().Get("room"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, answer)
	}))
}

// hubAPI has the settings of appliance/rtc.
func hubAPI(conn net.PacketConn) *webrtc.API {
	quiet := &logging.DefaultLoggerFactory{Writer: io.Discard}
	var se webrtc.SettingEngine
	se.LoggerFactory = quiet
	se.DetachDataChannels()
	se.SetICEUDPMux(ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: conn, Logger: quiet.NewLogger("ice")}))
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetIncludeLoopbackCandidate(true)
	se.SetDTLSRetransmissionInterval(100 * time.Millisecond)
	se.EnableSCTPZeroChecksum(true)
	se.SetSCTPRTOMax(300 * time.Millisecond)
	se.SetSCTPMinCwnd(16 << 10)
	return webrtc.NewAPI(
		webrtc.WithSettingEngine(se),
		webrtc.WithMediaEngine(&webrtc.MediaEngine{}),
		webrtc.WithInterceptorRegistry(&interceptor.Registry{}),
	)
}

// answer makes a peer, which joins a room when its channel opens.
func (h *peerHub) answer(offer, room string) (string, error) {
	pc, err := h.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	channel, err := pc.CreateDataChannel("notes", &webrtc.DataChannelInit{
		Ordered: new(false), MaxRetransmits: new(uint16), Negotiated: new(true), ID: new(uint16),
	})
	if err != nil {
		return "", err
	}
	channel.OnOpen(func() {
		raw, err := channel.Detach()
		if err != nil {
			return
		}
		go func() { // ends with the peer
			h.run(raw.(*datachannel.DataChannel), room)
			_ = pc.Close()
		}()
	})
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	answer, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(answer); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

func (h *peerHub) run(notes *datachannel.DataChannel, room string) {
	p := &hubPeer{notes, make(chan []byte, hubQueue)}
	h.add(room, p)
	ctx, cancel := context.WithCancel(context.Background())
	go p.write(ctx)
	defer cancel()
	defer h.leave(room, p)
	buf := make([]byte, 4<<10)
	for {
		n, err := notes.Read(buf)
		if err != nil {
			return
		}
		message := append([]byte(nil), buf[:n]...)
		h.each(room, p, func(other *hubPeer) { other.send(message) })
	}
}

func (p *hubPeer) send(message []byte) {
	select {
	case p.waiting <- message:
	default:
	}
}

func (p *hubPeer) write(ctx context.Context) {
	for {
		select {
		case message := <-p.waiting:
			if _, err := p.notes.Write(message); err != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}
