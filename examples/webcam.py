"""A camera without rain, live: each frame is shown before the next is read. Escape ends it.

    python examples/webcam.py                          the first camera
    python examples/webcam.py rtsp://camera/1          a camera on the net; a file will do, too
    python examples/webcam.py 0 --record clean.avi     into a file instead of a window

Needs vsrrg-opencv, and an OpenCV that has windows (opencv-python) unless it records.
"""

import argparse

import cv2
import vsrrg_opencv

parser = argparse.ArgumentParser()
parser.add_argument("camera", nargs="?", default="0", help="number, address or file")
parser.add_argument("--record", metavar="FILE", help="write a file instead of showing a window")
arguments = parser.parse_args()

camera = cv2.VideoCapture(int(arguments.camera) if arguments.camera.isdecimal() else arguments.camera)
with vsrrg_opencv.derain(camera, model="fast", low_latency=True) as video:
    writer = None
    if arguments.record is not None:
        size = int(camera.get(cv2.CAP_PROP_FRAME_WIDTH)), int(camera.get(cv2.CAP_PROP_FRAME_HEIGHT))
        rate = camera.get(cv2.CAP_PROP_FPS) or 25
        writer = cv2.VideoWriter(arguments.record, cv2.VideoWriter.fourcc(*"MJPG"), rate, size)
    for clean in video:
        if writer is not None:
            writer.write(clean)
            continue
        cv2.imshow("vsrrg", clean)
        if cv2.waitKey(1) == 27:
            break
    if writer is not None:
        writer.release()
