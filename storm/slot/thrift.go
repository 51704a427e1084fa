package slot

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/apache/thrift/lib/go/thrift"
)

// encode writes a struct of Thrift's as Storm keeps it in files.
func encode(s thrift.TStruct) ([]byte, error) {
	return thrift.NewTSerializer().Write(context.Background(), s)
}

// pack writes a struct as Storm keeps it in ZooKeeper (GzipThriftSerializationDelegate).
func pack(s thrift.TStruct) ([]byte, error) {
	plain, err := encode(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(plain); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// mostUnpacked bounds what packed data may grow to.
const mostUnpacked = 256 << 20

// unzip reads what Storm has packed.
func unzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is not packed with gzip, as Storm's are by default: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, mostUnpacked+1))
	if len(plain) > mostUnpacked {
		err = errors.New("it is larger than 256 MiB")
	}
	return plain, err
}

// protocol reads plain Thrift.
func protocol(plain []byte) thrift.TProtocol {
	buffer := thrift.NewTMemoryBufferLen(len(plain))
	_, _ = buffer.Write(plain) // it cannot fail
	return thrift.NewTBinaryProtocolConf(buffer, nil)
}

// unpack reads a struct that [pack] or Storm has written.
func unpack(data []byte, s thrift.TStruct) error {
	plain, err := unzip(data)
	if err != nil {
		return err
	}
	return s.Read(context.Background(), protocol(plain))
}
